import { inPieces } from '../store/in-pieces.ts'
import type { GatewayDatabase } from '../store/open-store.ts'

/** Deletes sessions that have expired and attempts that do not count any more, piece by piece. Answers how many. */
export function trimSignIns(db: GatewayDatabase, now = Date.now()): Promise<number> {
  return inPieces((limit) => db.write('trimSignIns', { now, limit }, { group: 'sign-in' }))
}
