import { inSlices, Turn } from '../slices.ts'
import { comparePaths, compareUnits, hasSurrogate, sortedByPath } from './paths.ts'

/** Shorter lists are sorted in one go. */
const RUN = 2_048
/** So many items are merged between two looks at the clock. */
const STEP = 512

interface Placed {
  readonly path: string
}

type Compare = (a: string, b: string) => number

/**
 * As sortedByPath, for lists of any length: lets others run in between, and does nothing to what is sorted already. What
 * consists of a few sorted lists is merged. @throws NexusError CANCELLED
 */
export async function sortedInTurns<T extends Placed>(items: readonly T[], gone?: AbortSignal): Promise<readonly T[]> {
  if (items.length <= RUN) return sortedByPath(items)
  const turn = new Turn(gone)
  const compare = (await haveSurrogates(items, gone)) ? comparePaths : compareUnits
  let runs = await runsOf(items, compare, turn)
  while (runs.length > 1) {
    const fewer: (readonly T[])[] = []
    for (let index = 0; index < runs.length; index += 2) {
      fewer.push(await merged(runs[index] ?? [], runs[index + 1] ?? [], compare, turn))
    }
    runs = fewer
  }
  return runs[0] ?? []
}

async function haveSurrogates(items: readonly Placed[], gone: AbortSignal | undefined): Promise<boolean> {
  for await (const slice of inSlices(items, gone)) if (slice.some(({ path }) => hasSurrogate(path))) return true
  return false
}

/** The list in parts that are sorted, of which none but the last is short. */
async function runsOf<T extends Placed>(
  items: readonly T[],
  compare: Compare,
  turn: Turn,
): Promise<readonly (readonly T[])[]> {
  const runs: (readonly T[])[] = []
  for (let start = 0; start < items.length; ) {
    const end = await endOfRun(items, start, compare, turn)
    if (start === 0 && end === items.length) return [items]
    const run = items.slice(start, Math.max(end, start + RUN))
    runs.push(end - start < RUN ? run.sort((a, b) => compare(a.path, b.path)) : run)
    start += run.length
    await turn.pause()
  }
  return runs
}

async function endOfRun<T extends Placed>(
  items: readonly T[],
  start: number,
  compare: Compare,
  turn: Turn,
): Promise<number> {
  let last = items[start]?.path ?? ''
  for (let end = start + 1; ; end++) {
    const next = items[end]
    if (next === undefined || compare(last, next.path) > 0) return end
    last = next.path
    if (end % STEP === 0) await turn.pause()
  }
}

async function merged<T extends Placed>(
  one: readonly T[],
  other: readonly T[],
  compare: Compare,
  turn: Turn,
): Promise<readonly T[]> {
  const all: T[] = []
  let [index, otherIndex] = [0, 0]
  for (;;) {
    const [a, b] = [one[index], other[otherIndex]]
    if (a === undefined) return all.concat(other.slice(otherIndex))
    if (b === undefined) return all.concat(one.slice(index))
    const isFirst = compare(a.path, b.path) <= 0
    all.push(isFirst ? a : b)
    if (isFirst) index++
    else otherIndex++
    if (all.length % STEP === 0) await turn.pause()
  }
}
