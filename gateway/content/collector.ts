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
  /** Milliseconds since 1970. @default Date.now(), again for each content: a run may take hours, a claim must not be old */
  readonly now?: number
}

/** Deletes contents that nothing refers to and nobody leases; answers how many. */
export async function collectOrphans(options: CollectorOptions): Promise<number> {
  let collected = 0
  for (;;) {
    const now = options.now ?? Date.now()
    const hashes = await options.db.read(() => orphans(now, BATCH))
    let progress = 0
    for (const hash of hashes) if (await collect(options, hash, false)) progress++
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
    for (const hash of old) if (!known.has(hash) && (await collect(options, hash, true))) collected++
    old = []
  }
  for await (const { hash, writtenAt } of options.store.list()) {
    if (writtenAt > now - STRAY_AGE_MS) continue
    if (old.push(hash) >= BATCH) await flush()
  }
  await flush()
  return collected
}

async function collect(options: CollectorOptions, hash: string, adopt: boolean): Promise<boolean> {
  const { db, store } = options
  const group = `content ${hash}`
  const claimedAt = options.now ?? Date.now()
  const begun = performance.now()
  if (!(await db.write('claimContent', { hash, now: claimedAt, adopt }, { group }))) return false
  // A claim is void after a minute, by the clock of whoever wants the content then; most of it is left for what follows.
  if (performance.now() - begun > CLAIM_MS / 6) return false
  const aside = await store.setAside(hash)
  let dropped = false
  try {
    dropped = await db.write('dropContent', { hash, claimedAt }, { group })
  } finally {
    // A process that was stopped since it looked at the clock may have taken what is in use again, and gives it back.
    await (dropped ? aside?.discard() : aside?.keep())
  }
  return dropped
}
