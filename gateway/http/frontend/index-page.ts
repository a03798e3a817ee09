import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FrontendSettings } from '../../config/frontend-settings.ts'

interface Page {
  readonly body: string
  /** SHA-256 of the body in hex. */
  readonly etag: string
  readonly policy: string
}

const INLINE_SCRIPT = /<script(?![^>]*\ssrc\s*=)[^>]*>([\s\S]*?)<\/script\s*>/gi

/** The application's index.html, read again when it was replaced. */
export class IndexPage {
  readonly #file: string
  readonly #connect: readonly string[]
  #known: { readonly changed: string; readonly page: Page } | undefined

  constructor({ directory, connect }: FrontendSettings) {
    this.#file = join(directory, 'index.html')
    this.#connect = connect
  }

  async get(): Promise<Page> {
    const { mtimeMs, size, ino } = await stat(this.#file)
    const changed = `${mtimeMs}:${size}:${ino}`
    if (this.#known?.changed === changed) return this.#known.page
    const body = await readFile(this.#file, 'utf8')
    const etag = createHash('sha256').update(body).digest('hex')
    const page = { body, etag, policy: policyOf(inlineScripts(body), this.#connect) }
    this.#known = { changed, page }
    return page
  }

  /** For everything but the index, which has no scripts of its own. */
  get policyOfAssets(): string {
    return policyOf([], this.#connect)
  }
}

/** The scripts that stand in the built page itself are the application's; the browser knows them by their hashes. */
function inlineScripts(html: string): readonly string[] {
  return [...html.matchAll(INLINE_SCRIPT)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
}

/**
 * Only the application's own scripts run: HTML that somebody stored, wherever the page shows it, has no script that
 * could act with the rights of whoever looks at it.
 */
function policyOf(scripts: readonly string[], connect: readonly string[]): string {
  return [
    "default-src 'self'",
    ["script-src 'self'", ...scripts].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob: https:",
    "font-src 'self' data:",
    ["connect-src 'self'", ...connect].join(' '),
    "worker-src 'self' blob:",
    "frame-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
