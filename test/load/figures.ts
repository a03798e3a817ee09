/** The middle one; of an even number, the upper of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Each value over the one of the same round, the middle one of these: what slows down a whole round counts for both. */
export function medianRatio(values: readonly number[], over: readonly number[]): number {
  return median(values.map((value, index) => value / (over[index] ?? Number.NaN)))
}

/**
 * Runs all measures in turns, so that what else the machine does hits all alike. The first turn warms up.
 * @returns the values of each, round by round
 */
export async function interleave<Name extends string, Value>(
  measures: Readonly<Record<Name, () => Value | Promise<Value>>>,
  rounds: number,
): Promise<Record<Name, Value[]>> {
  const names = Object.keys(measures) as Name[]
  const values = Object.fromEntries(names.map((name): [Name, Value[]] => [name, []])) as Record<Name, Value[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const value = await measures[name]()
      if (round > 0) values[name].push(value)
    }
  }
  return values
}

/** A random generator with a seed, so that runs ask the same questions (mulberry32, public domain, by T. Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
