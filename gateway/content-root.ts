import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContentStore } from './content/contract.ts'
import { FileContentStore } from './content/file-content-store.ts'

/** The store that NEXUS_CONTENT_URL names: file:relative/path, file:/absolute/path or file:///absolute/path. */
export function openContentStore(url: string): ContentStore {
  return new FileContentStore(contentRoot(url))
}

/** Where unfinished uploads are: beside the contents, so that gateways that share these share them. */
export function uploadsDirectory(url: string): string {
  return resolve(contentRoot(url), 'uploads')
}

function contentRoot(url: string): string {
  const rest = url.slice('file:'.length)
  return rest.startsWith('//') ? fileURLToPath(url) : rest
}
