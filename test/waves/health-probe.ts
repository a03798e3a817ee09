import { setTimeout as sleep } from 'node:timers/promises'
import { WaveClient } from './client.ts'

export interface HealthFigures {
  readonly probes: number
  /** Milliseconds. */
  readonly max: number
  readonly problems: readonly string[]
}

const INTERVAL_MS = 100

/** A gateway that answers slower than this is not responsive, in milliseconds. */
const LIMIT_MS = 1_000

/** Asks GET /health ten times a second on a connection of its own, until it is stopped. */
export class HealthProbe {
  readonly #client: WaveClient
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #problems: string[] = []
  #probes = 0
  #max = 0

  constructor(url: string) {
    this.#client = new WaveClient(url, 4)
    this.#running = this.#run()
  }

  async stop(): Promise<HealthFigures> {
    this.#stop.abort()
    await this.#running
    this.#client.close()
    return { probes: this.#probes, max: this.#max, problems: this.#problems }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#probe()
      await sleep(INTERVAL_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  async #probe(): Promise<void> {
    this.#probes += 1
    try {
      const { status, ms } = await this.#client.get('/health')
      this.#max = Math.max(this.#max, ms)
      if (status !== 200) this.#problems.push(`health: HTTP ${status}`)
      if (ms > LIMIT_MS) this.#problems.push(`health: answered after ${Math.round(ms)} ms`)
    } catch (error) {
      this.#problems.push(`health: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
