import type { GatewayDatabase } from '../store/open-store.ts'

/** How many rows go in one transaction. */
const PIECE = 500

/** Deletes sessions that have expired and attempts that do not count any more, piece by piece. Answers how many. */
export async function trimSignIns(db: GatewayDatabase, now = Date.now()): Promise<number> {
  for (let deleted = 0; ; ) {
    const piece = await db.write('trimSignIns', { now, limit: PIECE }, { group: 'sign-in' })
    deleted += piece
    if (piece < PIECE) return deleted
  }
}
