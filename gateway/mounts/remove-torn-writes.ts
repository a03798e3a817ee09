import type { GatewayDatabase } from '../store/open-store.ts'
import type { BackEnds } from './back-ends.ts'
import { writableMounts } from './mount-record.ts'

/** Torn writes go after this long, in milliseconds: nobody writes one piece of a file for an hour. */
const TORN_AGE_MS = 3_600_000

/**
 * Removes what crashed writes have left in the back ends of mounts that may be written. Answers how many files. One back
 * end that fails does not keep the others from it.
 * @throws what the first of those that failed has thrown
 */
export async function removeTornWrites({
  db,
  backEnds,
  stop,
  now = Date.now(),
}: {
  readonly db: GatewayDatabase
  readonly backEnds: Pick<BackEnds, 'get'>
  /** What is left then is left for the next time. */
  readonly stop?: AbortSignal
  /** Milliseconds since 1970. */
  readonly now?: number
}): Promise<number> {
  let removed = 0
  const failures: unknown[] = []
  for (const { tenant, mountId } of await db.read(writableMounts)) {
    if (stop?.aborted === true) break
    try {
      const backEnd = await backEnds.get(tenant, mountId)
      removed += (await backEnd?.connector.removeTorn(now - TORN_AGE_MS, stop)) ?? 0
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return removed
}
