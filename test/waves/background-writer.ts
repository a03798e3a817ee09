import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, WaveClient } from './client.ts'
import { SCRATCH } from './judge.ts'
import type { WaveUser } from './target.ts'

export interface WriterFigures {
  readonly acknowledged: number
  readonly retries: number
  readonly problems: readonly string[]
}

const WRITERS = 2
const PAUSE_MS = 20
/** Every so many writes, an older file is written again. */
const OVERWRITE_EVERY = 5
const RETRY_LIMIT_MS = 60_000
const LONGEST = 1_024

/**
 * Writes small files and reads each back, all the time, while the waves run; remembers what was acknowledged. Lists of
 * the administrator would show its files, so the comparison leaves out everything below `SCRATCH`.
 */
export class BackgroundWriter {
  readonly #user: WaveUser
  readonly #url: string
  readonly #allowUnavailable: boolean
  readonly #folder = `${SCRATCH}/waves-${randomUUID()}`
  readonly #expected = new Map<string, string>()
  readonly #problems: string[] = []
  readonly #stop = new AbortController()
  readonly #client: WaveClient
  readonly #running: Promise<unknown>
  #acknowledged = 0
  #retries = 0

  constructor(url: string, user: WaveUser, allowUnavailable: boolean) {
    this.#url = url
    this.#user = user
    this.#allowUnavailable = allowUnavailable
    this.#client = new WaveClient(url, WRITERS)
    this.#running = Promise.all(Array.from({ length: WRITERS }, (_, index) => this.#run(index)))
  }

  async stop(): Promise<WriterFigures> {
    this.#stop.abort()
    await this.#running
    this.#client.close()
    if (this.#acknowledged === 0) this.#problems.push('background writer: nothing was written')
    return { acknowledged: this.#acknowledged, retries: this.#retries, problems: this.#problems }
  }

  /** Reads every acknowledged file once more; the problems, in words. The address may have changed by a restart. */
  async verify(url: string = this.#url): Promise<string[]> {
    const client = new WaveClient(url, 8)
    const problems = await Promise.all(
      [...this.#expected].map(async ([path, content]) => checkContent(await this.#read(client, path), path, content)),
    )
    client.close()
    return problems.filter((problem) => problem !== null)
  }

  async #run(writer: number): Promise<void> {
    const paths: string[] = []
    for (let count = 0; !this.#stop.signal.aborted; count += 1) {
      const again = count % OVERWRITE_EVERY === OVERWRITE_EVERY - 1 ? paths.at(count % paths.length) : undefined
      const path = again ?? `${this.#folder}/${writer}-${count}.txt`
      if (again === undefined) paths.push(path)
      try {
        await this.#writeOne(path, contentOf(path, count))
      } catch (error) {
        this.#problems.push(`background writer: ${path}: ${error instanceof Error ? error.message : String(error)}`)
      }
      await sleep(PAUSE_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  async #writeOne(path: string, content: string): Promise<void> {
    // Until it is acknowledged, neither the old content nor the new one can be demanded.
    this.#expected.delete(path)
    const answer = await this.#patiently(() => this.#client.rpc(this.#user.key, 'write', { path, content }))
    if (answer.status !== 200 || !answer.text.includes('"result"')) {
      this.#problems.push(`background writer: write ${path}: HTTP ${answer.status} ${answer.text.slice(0, 200)}`)
      return
    }
    this.#acknowledged += 1
    this.#expected.set(path, content)
    const problem = checkContent(await this.#read(this.#client, path), path, content)
    if (problem !== null) this.#problems.push(`${problem} (read at once)`)
  }

  #read(client: WaveClient, path: string): Promise<Answer> {
    return this.#patiently(() => client.rpc(this.#user.key, 'read', { path }))
  }

  async #patiently(call: () => Promise<Answer>): Promise<Answer> {
    const started = performance.now()
    for (;;) {
      const answer = await call()
      const putOff = answer.status === 503 && answer.retryAfterSeconds !== null
      if (!putOff || !this.#allowUnavailable || performance.now() - started > RETRY_LIMIT_MS) return answer
      this.#retries += 1
      await sleep((answer.retryAfterSeconds ?? 1) * 1_000)
    }
  }
}

function contentOf(path: string, count: number): string {
  return `${path} ${count} ${'.'.repeat(count % LONGEST)}`
}

function checkContent(answer: Answer, path: string, content: string): string | null {
  const body = JSON.parse(answer.text) as { result?: { data?: string } }
  const data = body.result?.data
  if (data === undefined)
    return `written file ${path} cannot be read: HTTP ${answer.status} ${answer.text.slice(0, 200)}`
  return Buffer.from(data, 'base64').toString() === content ? null : `written file ${path} has other content`
}
