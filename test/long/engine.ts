import fc from 'fast-check'
import { describeWorld, Difference, type Scope, VerbComparison } from '../support/naive/compare-verbs.ts'
import { knots } from '../support/naive/random-knots.ts'
import { type World, worlds } from '../support/naive/random-model.ts'
import { KNOT_SCOPE, WORLD_SCOPE } from '../support/naive/random-scopes.ts'
import type { LongResult, LongStage } from './stage.ts'

const WORLDS_PER_ROUND = 50
const PROGRESS_MS = 30_000

/** The permission engine against the naive evaluator: every verb, in every way, on random worlds. */
export const engineStage: LongStage = {
  name: 'engine',
  about: 'the permission engine against the naive evaluator, every verb on random schemas and relationships',
  run(deadline, say): LongResult {
    let [passed, failed, compared] = [0, 0, 0]
    let seed = Date.now() % 2 ** 31
    let nextWord = Date.now() + PROGRESS_MS
    const round = (arbitrary: fc.Arbitrary<World>, scope: Scope): void => {
      const property = fc.property(arbitrary, (world) => {
        const comparison = new VerbComparison(world, scope)
        comparison.run()
        compared += comparison.compared
        passed++
      })
      const { counterexample, errorInstance } = fc.check(property, { numRuns: WORLDS_PER_ROUND, seed })
      if (counterexample === null) return
      failed++
      const what = errorInstance instanceof Difference ? errorInstance.message : String(errorInstance)
      say(`seed ${seed}: ${what}\n${describeWorld(counterexample[0])}`)
    }
    for (; Date.now() < deadline; seed = (seed + 1) % 2 ** 31) {
      round(worlds, WORLD_SCOPE)
      round(knots, KNOT_SCOPE)
      if (Date.now() < nextWord) continue
      say(`${passed} worlds, ${compared} answers compared, ${failed} differences; at seed ${seed}`)
      nextWord = Date.now() + PROGRESS_MS
    }
    say(`${passed} worlds, ${compared} answers compared, ${failed} differences`)
    return { passed, failed }
  },
}
