import { setTimeout as delay } from 'node:timers/promises'
import { describeError } from '../services/common/errors/nexus-error.ts'
import type { Logger } from '../services/common/log.ts'

/** Something that must be there before the gateway is ready. May be run again, and must then do no harm. */
export interface ProvisioningStep {
  readonly name: string
  readonly run: () => Promise<void>
}

const FIRST_PAUSE_MS = 100
const LAST_PAUSE_MS = 5_000

/** Runs steps one after the other while the gateway listens already; each until it succeeds. */
export class Provisioning {
  /** Resolves when all steps are done; never if the gateway is closed before. */
  readonly done: Promise<void>
  readonly #stop = new AbortController()
  readonly #steps: readonly ProvisioningStep[]
  readonly #logger: Logger
  readonly #finish: () => void
  #completed = 0

  constructor(steps: readonly ProvisioningStep[], logger: Logger) {
    this.#steps = steps
    this.#logger = logger
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.#finish = resolve
  }

  /** Names of what is not done yet. */
  get missing(): readonly string[] {
    return this.#steps.slice(this.#completed).map(({ name }) => name)
  }

  start(): void {
    void this.#run()
  }

  /** Does not wait for the step that runs: what it waits for may never come, and it can be run again. */
  close(): void {
    this.#stop.abort()
  }

  async #run(): Promise<void> {
    for (const step of this.#steps) {
      if (!(await this.#untilDone(step))) return
      this.#completed++
    }
    this.#finish()
  }

  /** False if the gateway is being closed. */
  async #untilDone(step: ProvisioningStep): Promise<boolean> {
    const { signal } = this.#stop
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(pause * 2, LAST_PAUSE_MS)) {
      try {
        await step.run()
        return true
      } catch (error) {
        if (signal.aborted) return false
        this.#logger.warn({ step: step.name, error: describeError(error) }, 'provisioning failed; it will be repeated')
        await delay(pause, undefined, { signal }).catch(() => undefined)
      }
    }
    return false
  }
}
