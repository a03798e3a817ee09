import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  describeWorld,
  type Scope,
  type Source,
  storeBacked,
  type Verb,
  VerbComparison,
  VERBS,
} from '../../support/naive/compare-verbs.ts'
import { knots } from '../../support/naive/random-knots.ts'
import { type World, worlds } from '../../support/naive/random-model.ts'
import { KNOT_SCOPE, WORLD_SCOPE } from '../../support/naive/random-scopes.ts'

const numRuns = Number(process.env['NEXUS_PROPERTY_RUNS'] ?? 100)
const seed = process.env['NEXUS_PROPERTY_SEED']

/** Compares one verb on random worlds; gives the number of answers that were compared. */
function compare(arbitrary: fc.Arbitrary<World>, scope: Scope, verb: Verb, source: Source | null = null): number {
  let compared = 0
  const property = fc.property(arbitrary, (world) => {
    const comparison = new VerbComparison(world, scope, source)
    comparison[verb]()
    compared += comparison.compared
  })
  const result = fc.check(property, { numRuns, ...(seed === undefined ? {} : { seed: Number(seed) }) })
  if (result.counterexample === null) return compared
  const where = `seed ${result.seed}, path ${result.counterexamplePath ?? ''}`
  const { errorInstance, counterexample } = result
  throw new Error(`${String(errorInstance)}\n${where}\n${describeWorld(counterexample[0])}`, { cause: errorInstance })
}

describe('3.5 the engine and the naive evaluator on random worlds', () => {
  it.each(VERBS)('agree: %s', (verb) => {
    expect(compare(worlds, WORLD_SCOPE, verb)).toBeGreaterThan(numRuns * 20)
  })
})

describe('2.5 the engine and the naive evaluator on random knots of cycles', () => {
  it.each<Verb>(['checks', 'objects', 'subjects', 'trees'])('agree: %s', (verb) => {
    expect(compare(knots, KNOT_SCOPE, verb)).toBeGreaterThan(numRuns * 5)
  })
})

describe.each(Object.entries(storeBacked))('3.5 the engine %s and the naive evaluator', (_where, source) => {
  it.each(VERBS)('agree on random worlds: %s', (verb) => {
    expect(compare(worlds, WORLD_SCOPE, verb, source)).toBeGreaterThan(numRuns * 20)
  })
})
