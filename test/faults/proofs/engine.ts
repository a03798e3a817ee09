import fc from 'fast-check'
import {
  describeWorld,
  Difference,
  type Scope,
  type Source,
  storeBacked,
  VerbComparison,
} from '../../support/naive/compare-verbs.ts'
import { knots } from '../../support/naive/random-knots.ts'
import { type World, worlds } from '../../support/naive/random-model.ts'
import { KNOT_SCOPE, WORLD_SCOPE } from '../../support/naive/random-scopes.ts'
import { type Proof, Problems } from '../proof.ts'

const WORLDS_PER_ROUND = 50
const MINUTES = 10
const FAST_MS = 3_000
const PROGRESS_MS = 30_000
const SEEDS = 2 ** 31

/** The permission engine against the naive evaluator: every verb, in every way, on random worlds. */
export const engineProof: Proof = {
  name: 'engine',
  promise: 'engine and naive evaluator agree on every verb, on random schemas, relationships and requests',
  async run({ fast, minutes }, say) {
    const problems = new Problems()
    let [checked, compared] = [0, 0]
    let seed = Date.now() % SEEDS
    const round = (arbitrary: fc.Arbitrary<World>, scope: Scope, source: Source | null): void => {
      const property = fc.property(arbitrary, (world) => {
        const comparison = new VerbComparison(world, scope, source)
        comparison.run()
        compared += comparison.compared
        checked++
      })
      const { counterexample, errorInstance } = fc.check(property, { numRuns: WORLDS_PER_ROUND, seed })
      if (counterexample === null) return
      const what = errorInstance instanceof Difference ? errorInstance.message : String(errorInstance)
      problems.add(`seed ${seed}: ${what}\n${describeWorld(counterexample[0])}`)
    }
    const begun = Date.now()
    const until = begun + (fast ? FAST_MS : (minutes ?? MINUTES) * 60_000)
    for (let nextWord = begun + PROGRESS_MS; Date.now() < until; seed = (seed + 1) % SEEDS) {
      round(worlds, WORLD_SCOPE, null)
      round(knots, KNOT_SCOPE, null)
      for (const source of Object.values(storeBacked)) round(worlds, WORLD_SCOPE, source)
      if (Date.now() < nextWord) continue
      nextWord = Date.now() + PROGRESS_MS
      say(`${checked} worlds, ${compared} answers compared, ${problems.list.length} differences; at seed ${seed}`)
    }
    return {
      figures: { seconds: Math.round((Date.now() - begun) / 1_000), worlds: checked, answers_compared: compared },
      problems: problems.list,
    }
  },
}
