import { inPieces } from '../store/in-pieces.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { linksAfter, type LinkState } from './link-record.ts'

/** How many links are looked at together, and how many accesses of a dead one go in one transaction. */
const PIECE = 500
/** Accesses are kept at least this long, in milliseconds: their tickets are good for a part of it. */
const SHORTEST_MS = 3_600_000
const GROUP = { group: 'share links' }

/**
 * Forgets who came with share links longer ago than that is kept, and deletes links to files that are gone for good.
 * Answers how many accesses and links; those that go with their link are not counted.
 */
export async function trimShareLinks({
  db,
  retentionMs,
  now = Date.now(),
}: {
  readonly db: GatewayDatabase
  /** Milliseconds. */
  readonly retentionMs: number
  readonly now?: number
}): Promise<number> {
  const before = now - Math.max(retentionMs, SHORTEST_MS)
  const accesses = await inPieces((limit) => db.write('trimLinkAccesses', { before, limit }, GROUP))
  return accesses + (await dropDeadLinks(db))
}

async function dropDeadLinks(db: GatewayDatabase): Promise<number> {
  let deleted = 0
  for (let last: Pick<LinkState, 'tenant' | 'link_id'> = { tenant: '', link_id: '' }; ; ) {
    const after = last
    const links = await db.read(() => linksAfter(after, PIECE))
    for (const { tenant, link_id: linkId, dead } of links) {
      if (dead === 0) continue
      // What is gone for good never comes back: it need not be looked for again.
      while (!(await db.write('dropDeadLink', { tenant, linkId, limit: PIECE }, GROUP))) continue
      deleted++
    }
    const end = links.at(-1)
    if (end === undefined || links.length < PIECE) return deleted
    last = end
  }
}
