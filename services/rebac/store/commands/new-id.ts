import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

const ID_BYTES = 16
const pool = new Uint8Array(ID_BYTES * 1_024)
let next = pool.length

/** A new UUIDv7. Randomness is fetched for many at once: a call for each would be most of what an insert costs. */
export function newId(): string {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  const random = pool.subarray(next, (next += ID_BYTES))
  return uuidv7({ random })
}
