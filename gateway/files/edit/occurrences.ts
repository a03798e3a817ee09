import type { Turn } from '../../slices.ts'

/** So many numbers are looked at between two looks at the clock. */
const STEP = 4_096

/**
 * Where a sequence of numbers stands in another one, from the left and without overlaps. Takes as long as both are
 * (Knuth, Morris and Pratt), which String.indexOf does not: that takes their product where much is alike.
 * @param wanted not empty
 */
export async function occurrences(
  all: Uint16Array | Int32Array,
  wanted: Uint16Array | Int32Array,
  turn: Turn,
): Promise<readonly number[]> {
  const found: number[] = []
  if (wanted.length > all.length) return found
  const borders = await bordersOf(wanted, turn)
  let fits = 0
  for (let at = 0; at < all.length; at++) {
    while (fits > 0 && all[at] !== wanted[fits]) fits = borders[fits - 1] ?? 0
    if (all[at] === wanted[fits]) fits++
    if (fits === wanted.length) {
      found.push(at + 1 - fits)
      fits = 0
    }
    if (at % STEP === 0 && turn.enough(STEP)) await turn.pause()
  }
  return found
}

/** For each prefix the length of the longest other one that it ends with. */
async function bordersOf(wanted: Uint16Array | Int32Array, turn: Turn): Promise<Int32Array> {
  const borders = new Int32Array(wanted.length)
  let fits = 0
  for (let at = 1; at < wanted.length; at++) {
    while (fits > 0 && wanted[at] !== wanted[fits]) fits = borders[fits - 1] ?? 0
    if (wanted[at] === wanted[fits]) fits++
    borders[at] = fits
    if (at % STEP === 0 && turn.enough(STEP)) await turn.pause()
  }
  return borders
}
