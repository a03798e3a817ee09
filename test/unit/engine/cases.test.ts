import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { type Case, countAssertions, readCaseFiles, readQuestion, rulesOf } from '../../support/naive/case-file.ts'
import {
  inMemory,
  type Source,
  storeBacked,
  type Verb,
  VerbComparison,
  VERBS,
} from '../../support/naive/compare-verbs.ts'
import { EngineTarget, schemaOf, worldOf } from '../../support/naive/engine-target.ts'
import { NaiveEvaluator } from '../../support/naive/naive-evaluator.ts'
import { runCase } from '../../support/naive/run-case.ts'
import { scopeOf } from '../../support/naive/scope-of-case.ts'

const files = readCaseFiles()

for (const { file, cases } of files) {
  describe(file, () => {
    it.each(cases)('$name', (one) => expectCase(one))
    it.each(VERBS)('3.5 the naive evaluator says the same on everything that can be asked: %s', (verb) => {
      const compared = cases.filter(isComparable).map((one) => compare(one, verb))
      expect(Math.max(...compared)).toBeGreaterThan(0)
    })
    for (const [where, source] of Object.entries(storeBacked)) {
      it.each(cases)(`$name, ${where}`, async (one) => {
        await expectCase(one, source)
        if (isComparable(one)) for (const verb of VERBS) compare(one, verb, source)
      })
    }
  })
}

it('every case names its rules, no two have the same name, and there are enough', () => {
  const cases = files.flatMap((file) => file.cases)
  expect(cases.filter(({ name }) => rulesOf(name).length === 0)).toEqual([])
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
  expect(cases.filter((one) => countAssertions(one) === 0)).toEqual([])
  expect(cases.length).toBeGreaterThanOrEqual(170)
})

/** `source`: null is memory. */
async function expectCase(one: Case, source: Source | null = null): Promise<void> {
  if (one.problems !== undefined) return expectProblems(one, one.problems)
  await runCase(one, new EngineTarget(one, source ?? inMemory))
  const world = worldOf(one)
  expectNaive(one, new NaiveEvaluator(world.schema, world.stored, { ...world, conditionsLast: false }))
}

/** Whether everything can be asked: there is a schema and no limit, and what comes with requests is not refused. */
function isComparable({ problems, maxDepth, contextual = [], invalid = {} }: Case): boolean {
  if (problems !== undefined || maxDepth !== undefined) return false
  return contextual.length === 0 || Object.keys(invalid).length === 0
}

/** The number of answers that were compared. */
function compare(one: Case, verb: Verb, source: Source | null = null): number {
  const world = worldOf(one)
  const comparison = new VerbComparison(world, scopeOf(one, world), source)
  try {
    comparison[verb]()
    return comparison.compared
  } catch (error) {
    throw new Error(`${one.name}: ${String(error)}`, { cause: error })
  }
}

function expectNaive({ allowed = [], denied = [], errors = {}, maxDepth }: Case, naive: NaiveEvaluator): void {
  const expectValue = (text: string, value: string): void => {
    const { objectType, objectId, relation, subject } = readQuestion(text)
    expect(naive.check(objectType, objectId, relation, subject), `the naive evaluator on ${text}`).toBe(value)
  }
  if (maxDepth !== undefined) return
  for (const question of allowed) expectValue(question, 'T')
  for (const question of denied) expectValue(question, 'F')
  for (const question of Object.keys(errors)) expectValue(question, 'E')
}

function expectProblems(one: Case, problems: readonly string[]): void {
  let message = ''
  try {
    schemaOf(one)
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    message = JSON.stringify([error.message, error.data])
  }
  for (const problem of problems) expect(message).toContain(JSON.stringify(problem).slice(1, -1))
}
