import { inPieces } from '../store/in-pieces.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { nextAuditedTenant } from './audit-queries.ts'

const GROUP = { group: 'audit' }

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
  for (let next = await tenantAfter(db, ''); next !== null; next = await tenantAfter(db, next)) {
    const tenant = next
    deleted += await inPieces((limit) => db.write('trimAudit', { tenant, before, limit }, GROUP))
    await inPieces((limit) => db.write('trimWays', { tenant, before, limit }, GROUP))
  }
  return deleted
}

function tenantAfter(db: GatewayDatabase, after: string): Promise<string | null> {
  return db.read(() => nextAuditedTenant(after))
}
