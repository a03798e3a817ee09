import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { type Case, countAssertions, readCaseFiles, readQuestion, rulesOf } from '../../support/naive/case-file.ts'
import { inMemory, type Source, storeBacked, VerbComparison } from '../../support/naive/compare-verbs.ts'
import { EngineTarget, schemaOf, worldOf } from '../../support/naive/engine-target.ts'
import { NaiveEvaluator } from '../../support/naive/naive-evaluator.ts'
import { runCase } from '../../support/naive/run-case.ts'
import { scopeOf } from '../../support/naive/scope-of-case.ts'

const files = readCaseFiles()

for (const { file, cases } of files) {
  describe(file, () => {
    it.each(cases)('$name', (one) => expectCase(one))
    for (const [where, source] of Object.entries(storeBacked)) {
      it.each(cases)(`$name, ${where}`, (one) => expectCase(one, source))
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
  // 3.5: all verbs agree on everything that can be asked about what occurs in the case.
  if (one.maxDepth === undefined && !isRefused(one)) new VerbComparison(world, scopeOf(one, world), source).run()
}

/** Whether the requests of a case are refused for what comes with them. */
function isRefused({ contextual = [], invalid = {} }: Case): boolean {
  return contextual.length > 0 && Object.keys(invalid).length > 0
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
