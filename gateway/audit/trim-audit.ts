import type { GatewayDatabase } from '../store/open-store.ts'
import { nextAuditedTenant } from './audit-queries.ts'

/** How many rows go in one transaction. */
const PIECE = 500

/** Deletes rows that are older than they are kept, piece by piece. Answers how many. */
export async function trimAudit({
  db,
  retentionMs,
  now = Date.now(),
}: {
  readonly db: GatewayDatabase
  /** Milliseconds. */
  readonly retentionMs: number
  readonly now?: number
}): Promise<number> {
  const before = now - retentionMs
  let deleted = 0
  for (let tenant = await next(db, ''); tenant !== null; tenant = await next(db, tenant)) {
    for (;;) {
      const piece = await db.write('trimAudit', { tenant, before, limit: PIECE }, { group: 'audit' })
      deleted += piece
      if (piece < PIECE) break
    }
    while ((await db.write('trimWays', { tenant, before, limit: PIECE }, { group: 'audit' })) === PIECE) continue
  }
  return deleted
}

function next(db: GatewayDatabase, after: string): Promise<string | null> {
  return db.read(() => nextAuditedTenant(after))
}
