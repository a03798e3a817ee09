import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { TestSystem } from '../gateway-process.ts'
import type { Call, Outcome } from './calls.ts'
import type { HistoriesOptions } from './histories.ts'
import { answer } from './model.ts'
import { changes } from './random-calls.ts'
import { RealFiles } from './real-files.ts'
import type { Actor } from './rights.ts'
import { describeCall, FileDifference, snapshotOf } from './same.ts'
import type { ModelState } from './state.ts'

/** All orders of this many calls can be tried. */
const MAX_AT_ONCE = 5
const MAX_BEFORE = 12

type ActorCall = readonly [Actor, Call]

/** Nothing would meet if most of it were denied. */
const call = fc.tuple(fc.constantFrom<Actor>('olga', 'heir', 'ed'), changes)
const races = fc.record({
  before: fc.array(call, { minLength: 4, maxLength: MAX_BEFORE, size: 'max' }),
  atOnce: fc.array(call, { minLength: 2, maxLength: MAX_AT_ONCE, size: 'max' }),
})

/**
 * Random changes of overlapping trees, some one after the other and then some at once: their answers, and what is there
 * in the end, must be those of one of the orders in which the model could have made them.
 * @returns how many calls were made at once
 * @throws Error of fast-check with the smallest race that no order explains
 */
export async function compareRaces(system: TestSystem, { seed, runs, name }: HistoriesOptions): Promise<number> {
  let tenants = 0
  let raced = 0
  const property = fc.asyncProperty(races, async ({ before, atOnce }) => {
    const { real, model } = await RealFiles.create(system, `${name}-${++tenants}`)
    for (const [actor, one] of before) {
      answer(model, actor, one)
      await real.call(actor, one)
    }
    const outcomes = await Promise.all(atOnce.map(([actor, one]) => real.call(actor, one)))
    raced += atOnce.length
    requireSomeOrder(model, atOnce, outcomes, await real.snapshot())
  })
  await fc.assert(property, { seed, numRuns: runs })
  return raced
}

/** @throws FileDifference */
function requireSomeOrder(
  model: ModelState,
  atOnce: readonly ActorCall[],
  found: readonly Outcome[],
  end: unknown,
): void {
  for (const order of ordersOf(atOnce.map((_, index) => index))) {
    const state = model.copy()
    const outcomes: Outcome[] = []
    for (const index of order) {
      const [actor, one] = atOnce[index] ?? raise()
      outcomes[index] = answer(state, actor, one)
    }
    if (isDeepStrictEqual(outcomes, found) && isDeepStrictEqual(inNoOrder(snapshotOf(state)), inNoOrder(end))) return
  }
  const calls = atOnce.map(([actor, one], index) => `${describeCall(actor, one)} -> ${JSON.stringify(found[index])}`)
  throw new FileDifference(`no order explains\n  ${calls.join('\n  ')}\n  and then ${JSON.stringify(end)}`)
}

/** What is deleted at once is in the trash in any order. */
function inNoOrder(snapshot: unknown): unknown {
  const { trash, ...rest } = snapshot as { readonly trash: readonly unknown[] }
  return { ...rest, trash: trash.map((one) => JSON.stringify(one)).sort() }
}

function* ordersOf(items: readonly number[]): Generator<readonly number[]> {
  if (items.length === 0) yield []
  for (const item of items) for (const rest of ordersOf(items.filter((one) => one !== item))) yield [item, ...rest]
}

function raise(): never {
  throw new Error('an order names a call that there is not')
}
