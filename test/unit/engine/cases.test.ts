import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'
import { validateQuestion, validateRelationship } from '../../../services/rebac/schema/validate.ts'
import {
  type Case,
  CASE_NOW,
  countAssertions,
  readCaseFiles,
  readQuestion,
  readRelationship,
  readSubject,
  writeSubject,
} from '../../support/naive/case-file.ts'
import { NaiveEvaluator } from '../../support/naive/naive-evaluator.ts'
import { PartialEvaluator, type Verbs } from '../../support/store-backed/partial-evaluator.ts'

const files = readCaseFiles()
const builtIn = defaultSchema()

for (const { file, cases } of files) {
  describe(file, () => {
    for (const one of cases) {
      it(one.name, () => expectCase(one, false))
      it(`${one.name}, from the store`, () => expectCase(one, true))
    }
  })
}

it('the case files make enough statements, under different names', () => {
  const cases = files.flatMap((file) => file.cases)
  expect(cases.reduce((sum, one) => sum + countAssertions(one), 0)).toBeGreaterThan(150)
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

function expectCase(one: Case, fromStore: boolean): void {
  new CaseRun(one, fromStore).run()
}

class CaseRun {
  readonly #case: Case
  readonly #schema: Schema
  readonly #evaluator: Verbs
  readonly #naive: NaiveEvaluator

  constructor(one: Case, fromStore: boolean) {
    this.#case = one
    const { schema, format = 'dsl', hierarchies = [] } = one
    this.#schema = schema === 'default' ? builtIn : compileSchema({ format, model: schema, hierarchies }, 'case')
    const stored = (one.relationships ?? []).map(readRelationship)
    const contextual = (one.contextual ?? []).map((text, index) => readRelationship(text, 1000 + index))
    const graph = new TenantGraph()
    graph.load(stored)
    const context = one.context ?? {}
    const options = { now: CASE_NOW, context, contextual, maxDepth: 0, nodeBudget: 0, deadline: Infinity }
    this.#evaluator = fromStore
      ? new PartialEvaluator(this.#schema, stored, options, { outlineFrom: stored.length % 3 })
      : new Evaluator(this.#schema, graph, options)
    this.#naive = new NaiveEvaluator(this.#schema, stored, {
      now: CASE_NOW,
      context,
      contextual,
      conditionsLast: false,
    })
  }

  run(): void {
    const { allowed = [], denied = [], errors = {}, invalid = {}, refused = {}, accepted = [] } = this.#case
    const { objects = {}, subjects = {}, permissions = {} } = this.#case
    for (const question of allowed) this.#check(question, true)
    for (const question of denied) this.#check(question, false)
    for (const [question, reason] of Object.entries(errors)) {
      expect(
        reasonOf(() => this.#ask(question)),
        question,
      ).toBe(reason)
      expect(this.#explain(question), question).toBe('error')
    }
    for (const [question, reason] of Object.entries(invalid)) {
      expect(
        reasonOf(() => validateQuestion(this.#schema, readQuestion(question))),
        question,
      ).toBe(reason)
    }
    for (const [relationship, reason] of Object.entries(refused)) {
      expect(
        reasonOf(() => validateRelationship(this.#schema, readRelationship(relationship))),
        relationship,
      ).toBe(reason)
    }
    for (const relationship of accepted) validateRelationship(this.#schema, readRelationship(relationship))
    for (const [question, expected] of Object.entries(objects)) this.#objects(question, expected)
    for (const [question, expected] of Object.entries(subjects)) this.#subjects(question, expected)
    for (const [question, expected] of Object.entries(permissions)) {
      const [, type = '', id = '', subject = ''] = /^([^:]*):(.*)@([^@]*)$/.exec(question) ?? []
      expect(this.#evaluator.listPermissions(type, id, [readSubject(subject)]), question).toEqual([...expected].sort())
    }
  }

  #check(text: string, expected: boolean): void {
    const { objectType, objectId, relation, subject } = readQuestion(text)
    validateQuestion(this.#schema, { objectType, objectId, relation, subject })
    expect(this.#ask(text), text).toBe(expected)
    expect(this.#naive.check(objectType, objectId, relation, subject), `the naive evaluator on ${text}`).toBe(
      expected ? 'T' : 'F',
    )
    if (expected) expect(this.#explain(text), text).toBe('true')
    else expect(['false', 'cycle'], text).toContain(this.#explain(text))
  }

  #ask(text: string): boolean {
    const { subject, ...question } = readQuestion(text)
    return this.#evaluator.check({ ...question, subjects: [subject] })
  }

  #explain(text: string): string {
    const { objectType, objectId, relation, subject } = readQuestion(text)
    return this.#evaluator.explain(objectType, objectId, relation, subject).outcome
  }

  /** `type#relation@subject`: ids, or a reason. */
  #objects(text: string, expected: readonly string[] | string): void {
    const { objectType, relation, subject } = readQuestion(text.replace('#', ':#'))
    const list = (): string[] =>
      this.#evaluator
        .listObjects({ objectType, relation, subjects: [subject], idPrefix: '', afterId: '', limit: 0 })
        .map(({ id, coversSubtree }) => (coversSubtree ? `${id} and below` : id))
    if (typeof expected === 'string') expect(reasonOf(list), text).toBe(expected)
    else expect(list(), text).toEqual([...expected])
  }

  /** `type:id#relation@type` or `...@type#relation`: subjects, a wildcard with `except a, b`; or a reason. */
  #subjects(text: string, expected: readonly string[] | string): void {
    const [, question = '', subjectType = '', subjectRelation = ''] = /^(.*)@([^#]*)(?:#(.*))?$/.exec(text) ?? []
    const { objectType, objectId, relation } = readQuestion(`${question}@x:x`)
    const list = (): string[] =>
      this.#evaluator
        .listSubjects({ objectType, objectId, relation, subjectType, subjectRelation })
        .map(({ subject, excluded }) => {
          const except = excluded.length === 0 ? '' : ` except ${excluded.map(writeSubject).join(', ')}`
          return writeSubject(subject) + except
        })
    if (typeof expected === 'string') expect(reasonOf(list), text).toBe(expected)
    else expect(list(), text).toEqual([...expected])
  }
}

function reasonOf(action: () => unknown): string {
  try {
    return `no error, but ${String(action())}`
  } catch (error) {
    if (error instanceof NexusError) return error.reason
    throw error
  }
}
