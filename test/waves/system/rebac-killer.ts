import { setTimeout as sleep } from 'node:timers/promises'
import type { System } from './system.ts'

/** Milliseconds; the pauses are random within these. */
const UP = { min: 500, max: 2_500 }
/** From the kill to the new start. */
const DOWN = { min: 100, max: 1_500 }
const READY_LIMIT_MS = 30_000

/** Kills the permission service again and again until it is told to stop; at least once. */
export class RebacKiller {
  readonly #system: System
  kills = 0

  constructor(system: System) {
    this.#system = system
  }

  /** The problems, in words. When it resolves, the service runs and the gateway says that it is ready. */
  async run(stop: AbortSignal): Promise<readonly string[]> {
    const problems: string[] = []
    while (!stop.aborted) {
      await sleep(between(UP), undefined, { signal: stop }).catch(() => undefined)
      if (stop.aborted && this.kills > 0) break
      await this.#system.rebac.kill()
      this.kills += 1
      await sleep(between(DOWN))
      await this.#system.rebac.start()
    }
    if (!(await this.#becomesReady()))
      problems.push(`after the last kill, the gateway was not ready in ${READY_LIMIT_MS} ms`)
    return problems
  }

  async #becomesReady(): Promise<boolean> {
    const deadline = performance.now() + READY_LIMIT_MS
    while (performance.now() < deadline) {
      const answer = await fetch(`${this.#system.url}/health/ready`).catch(() => undefined)
      if (answer?.status === 200) return true
      await sleep(50)
    }
    return false
  }
}

function between(range: { readonly min: number; readonly max: number }): number {
  return range.min + Math.random() * (range.max - range.min)
}
