import type { GatewayDatabase } from '../store/open-store.ts'
import { CLAIM_MS, orphans, registered } from './commands.ts'
import type { ContentStore } from './contract.ts'

/** Files without a row go after this long, in milliseconds. */
const STRAY_AGE_MS = 86_400_000
/** Torn writes go after this long: nobody writes one file for an hour. */
const TORN_AGE_MS = 3_600_000
const BATCH = 500

export interface CollectorOptions {
  readonly db: GatewayDatabase
  readonly store: ContentStore
  /** Milliseconds since 1970. @default Date.now() */
  readonly now?: number
}

/** Deletes contents that nothing refers to and nobody leases; answers how many. */
export async function collectOrphans(options: CollectorOptions): Promise<number> {
  const now = options.now ?? Date.now()
  let collected = 0
  for (;;) {
    const hashes = await options.db.read(() => orphans(now, BATCH))
    let progress = 0
    for (const hash of hashes) if (await collect(options, hash, now, false)) progress++
    collected += progress
    if (progress === 0 || hashes.length < BATCH) return collected
  }
}

/** Deletes files that no row speaks of and the rests of torn writes; answers how many. */
export async function collectStrays(options: CollectorOptions): Promise<number> {
  const now = options.now ?? Date.now()
  let collected = await options.store.removeTorn(now - TORN_AGE_MS)
  let old: string[] = []
  const flush = async (): Promise<void> => {
    const known = await options.db.read(() => registered(old))
    for (const hash of old) if (!known.has(hash) && (await collect(options, hash, now, true))) collected++
    old = []
  }
  for await (const { hash, writtenAt } of options.store.list()) {
    if (writtenAt > now - STRAY_AGE_MS) continue
    if (old.push(hash) >= BATCH) await flush()
  }
  await flush()
  return collected
}

async function collect(options: CollectorOptions, hash: string, now: number, adopt: boolean): Promise<boolean> {
  const { db, store } = options
  const begun = performance.now()
  if (!(await db.write('claimContent', { hash, now, adopt }, { group: `content ${hash}` }))) return false
  // A claim is void after a minute; a collector that was stopped meanwhile must not touch what may be in use again.
  if (performance.now() - begun > CLAIM_MS / 6) return false
  await store.delete(hash)
  await db.write('dropContent', { hash }, { group: `content ${hash}` })
  return true
}
