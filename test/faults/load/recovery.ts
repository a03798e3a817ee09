import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Caller, textOf } from './caller.ts'

/** Few enough not to be a load themselves. */
const PROBE_EVERY_MS = 100
const PROBES_IN_FLIGHT = 4
const PATIENCE_MS = 60_000

/**
 * How long it takes until a write is acknowledged and read back, in milliseconds. A probe that waits for its answer
 * does not keep the next one from being first.
 * @throws Error after a minute
 */
export async function timeToRecover(url: string, key: string, folder: string): Promise<number> {
  const caller = new Caller(url, key, PROBES_IN_FLIGHT)
  const begun = performance.now()
  const first = Promise.withResolvers<number>()
  const probe = async (): Promise<void> => {
    const path = `${folder}/probe-${randomUUID()}`
    if ((await caller.call('write', { path, content: path })).kind !== 'done') return
    const reply = await caller.call('read', { path })
    if (reply.kind === 'done' && textOf(reply.result) === path) first.resolve(performance.now() - begun)
  }
  let inFlight = 0
  const timer = setInterval(() => {
    if (inFlight >= PROBES_IN_FLIGHT) return
    inFlight += 1
    void probe().finally(() => (inFlight -= 1))
  }, PROBE_EVERY_MS)
  try {
    const tooLate = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => Promise.reject(new Error('no recovery')))
    return await Promise.race([first.promise, tooLate])
  } finally {
    clearInterval(timer)
    caller.close()
  }
}
