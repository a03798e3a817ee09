import { randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

const ID_BYTES = 16
const pool = new Uint8Array(ID_BYTES * 1_024)
let next = pool.length

const MAX_COUNTER = 0xffff_ffff
let latestMs = 0
let counter = 0

/**
 * A new UUIDv7, greater than those that this process made before: the counter of RFC 9562, 6.2, method 1. Randomness is
 * fetched for many at once: a call for each would be most of what an insert costs.
 */
export function newId(): string {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  const random = pool.subarray(next, (next += ID_BYTES))
  count(Date.now(), random)
  return uuidv7({ msecs: latestMs, seq: counter, random })
}

/** Counts on within a millisecond, or if the clock went back; begins anew, at random, in the next. */
function count(now: number, random: Uint8Array): void {
  if (now <= latestMs && counter < MAX_COUNTER) {
    counter += 1
    return
  }
  latestMs = Math.max(now, latestMs + 1)
  // Half of the range stays free to count in.
  counter = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1
}
