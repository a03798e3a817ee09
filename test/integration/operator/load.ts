import { bytes, type GatewayClient } from '../../support/gateway-client.ts'

const WRITERS = 6

/** What was acknowledged at some moment. */
export interface Acknowledged {
  readonly count: number
  /** Compares it with what a system answers. */
  check(client: GatewayClient): Promise<{ readonly checked: number; readonly wrong: readonly string[] }>
}

/** Writes and deletes files below /w until it is told to stop, and remembers what was acknowledged. No file comes back. */
export class Load {
  readonly #client: GatewayClient
  readonly #written = new Map<string, string>()
  /** A deletion that is under way may be in a later state or not. */
  readonly #deleting = new Set<string>()
  readonly #deleted = new Set<string>()
  #stopped = false
  #count = 0
  #waiting: { readonly count: number; readonly resolve: () => void } | undefined

  constructor(client: GatewayClient) {
    this.#client = client
  }

  /** Resolves after `stop`. @throws if a write is refused */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => this.#write(writer)))
  }

  stop(): void {
    this.#stopped = true
  }

  /** Resolves when so many writes were acknowledged. */
  reaches(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve }
    })
  }

  acknowledged(): Acknowledged {
    const written = new Map(this.#written)
    const deleted = new Set(this.#deleted)
    return {
      count: this.#count,
      check: async (client) => {
        const wrong: string[] = []
        for (const [path, content] of written) {
          // Deleted while the backup was made.
          if (this.#deleting.has(path)) continue
          const answer = await client.call('read', { path })
          if (JSON.stringify(answer.result) !== JSON.stringify(bytes(content))) wrong.push(`${path}: ${answer.text}`)
        }
        for (const path of deleted) {
          const answer = await client.call('read', { path })
          if (answer.error === undefined) wrong.push(`${path} is back`)
        }
        return { checked: written.size + deleted.size, wrong }
      },
    }
  }

  /** All files that a system has below /w. */
  async filesOf(client: GatewayClient): Promise<readonly string[]> {
    return (await client.ok<{ files: readonly string[] }>('list', { path: '/w', recursive: true })).files
  }

  async #write(writer: number): Promise<void> {
    for (let index = 0; !this.#stopped; index++) {
      const path = `/w/${writer}-${index}.txt`
      await this.#client.ok('write', { path, content: bytes(`content of ${path}`) })
      this.#written.set(path, `content of ${path}`)
      this.#acknowledge()
      if (index % 3 !== 2) continue
      const old = `/w/${writer}-${index - 1}.txt`
      this.#deleting.add(old)
      await this.#client.ok('delete', { path: old })
      this.#written.delete(old)
      this.#deleted.add(old)
      this.#acknowledge()
    }
  }

  #acknowledge(): void {
    this.#count++
    if (this.#waiting !== undefined && this.#count >= this.#waiting.count) this.#waiting.resolve()
  }
}
