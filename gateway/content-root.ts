import { fileURLToPath } from 'node:url'
import type { ContentStore } from './content/contract.ts'
import { FileContentStore } from './content/file-content-store.ts'

/** The store that NEXUS_CONTENT_URL names: file:relative/path, file:/absolute/path or file:///absolute/path. */
export function openContentStore(url: string): ContentStore {
  const rest = url.slice('file:'.length)
  return new FileContentStore(rest.startsWith('//') ? fileURLToPath(url) : rest)
}
