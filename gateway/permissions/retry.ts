import { setTimeout as wait } from 'node:timers/promises'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** Waits between attempts, in milliseconds; the last one repeats. */
const WAITS_MS = [20, 50, 100, 200, 400]

/**
 * Repeats an attempt while it fails with UNAVAILABLE and there is time, until `stop` is aborted. Only for what may be
 * done twice.
 */
export async function retryUnavailable<T>(
  { deadline, stop }: { readonly deadline: number; readonly stop: AbortSignal },
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt()
    } catch (error) {
      const pause = (WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 0) * (0.5 + Math.random())
      const unavailable = error instanceof NexusError && error.reason === 'UNAVAILABLE'
      if (!unavailable || stop.aborted || Date.now() + pause >= deadline) throw error
      await wait(pause, undefined, { signal: stop }).catch(() => undefined)
    }
  }
}
