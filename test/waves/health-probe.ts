import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

export interface HealthFigures {
  readonly probes: number
  /** Milliseconds. */
  readonly max: number
  readonly problems: readonly string[]
}

/**
 * Asks GET /health ten times a second until it is stopped; in a thread of its own, so that thousands of answers that
 * this process has to read do not count as the server's slowness.
 */
export class HealthProbe {
  readonly #worker: Worker

  constructor(url: string) {
    this.#worker = new Worker(new URL('./health-probe-thread.ts', import.meta.url), { workerData: { url } })
  }

  async stop(): Promise<HealthFigures> {
    const answer = once(this.#worker, 'message')
    this.#worker.postMessage('stop')
    const [figures] = (await answer) as [HealthFigures]
    await this.#worker.terminate()
    return figures
  }
}
