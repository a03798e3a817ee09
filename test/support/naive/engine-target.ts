import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'
import { validateQuestion, validateRelationship } from '../../../services/rebac/schema/validate.ts'
import { type Case, CASE_NOW, readQuestion, readRelationship, readSubject } from './case-file.ts'
import type { Verbs } from '../store-backed/partial-evaluator.ts'
import { writeListed, writeSteps, writeTree } from './case-texts.ts'
import type { Source } from './compare-verbs.ts'
import type { World } from './random-model.ts'
import { type CaseTarget, Refusal } from './run-case.ts'

const builtIn = defaultSchema()

const compiled = new WeakMap<Case, Schema>()

/** The schema of a case. @throws NexusError INVALID_SCHEMA */
export function schemaOf(one: Case): Schema {
  const { schema, format = 'dsl', hierarchies = [] } = one
  if (schema === 'default') return builtIn
  let made = compiled.get(one)
  if (made === undefined) compiled.set(one, (made = compileSchema({ format, model: schema, hierarchies }, 'case')))
  return made
}

const worlds = new WeakMap<Case, World>()

/** A case as what the evaluators take. */
export function worldOf(one: Case): World {
  let world = worlds.get(one)
  if (world === undefined) worlds.set(one, (world = readWorld(one)))
  return world
}

function readWorld(one: Case): World {
  const { schema: model, format = 'dsl', hierarchies = [] } = one
  return {
    schema: schemaOf(one),
    source: { format, model, hierarchies },
    stored: (one.relationships ?? []).map(readRelationship),
    contextual: (one.contextual ?? []).map((text, index) => readRelationship(text, 1000 + index)),
    context: one.context ?? {},
    now: CASE_NOW,
  }
}

/** Answers a case with the engine, in this process. */
export class EngineTarget implements CaseTarget {
  readonly #schema: Schema
  readonly #make: () => Verbs
  #made: Verbs | null = null

  constructor(one: Case, source: Source) {
    const world = worldOf(one)
    const { schema, contextual, context, now } = world
    const options = { now, context, contextual, maxDepth: one.maxDepth ?? 0, nodeBudget: 0, deadline: Infinity }
    this.#schema = schema
    this.#make = () => source(world, options)
  }

  /** Made with the first question, which is what fails if a relationship of the request does not fit. */
  get #evaluator(): Verbs {
    return (this.#made ??= this.#make())
  }

  check(text: string): boolean {
    const { subject, ...question } = readQuestion(text)
    return refusing(() => {
      validateQuestion(this.#schema, { ...question, subject })
      return this.#evaluator.check({ ...question, subjects: [subject] })
    })
  }

  store(text: string): void {
    refusing(() => validateRelationship(this.#schema, readRelationship(text)))
  }

  objects(text: string): readonly string[] {
    const { objectType, relation, subject } = readQuestion(text.replace('#', ':#'))
    const question = { objectType, relation, subjects: [subject], idPrefix: '', afterId: '', limit: 0 }
    return refusing(() =>
      this.#evaluator.listObjects(question).map(({ id, coversSubtree }) => (coversSubtree ? `${id} and below` : id)),
    )
  }

  subjects(text: string): readonly string[] {
    const [, question = '', subjectType = '', subjectRelation = ''] = /^(.*)@([^#]*)(?:#(.*))?$/.exec(text) ?? []
    const { objectType, objectId, relation } = readQuestion(`${question}@x:x`)
    const asked = { objectType, objectId, relation, subjectType, subjectRelation }
    return refusing(() => this.#evaluator.listSubjects(asked).map(writeListed))
  }

  permissions(text: string): readonly string[] {
    const [, type = '', id = '', subject = ''] = /^([^:]*):(.*)@([^@]*)$/.exec(text) ?? []
    return refusing(() => this.#evaluator.listPermissions(type, id, [readSubject(subject)]))
  }

  expand(text: string): string {
    const { objectType, objectId, relation } = readQuestion(`${text}@x:x`)
    return refusing(() => writeTree(this.#evaluator.expand(objectType, objectId, relation)))
  }

  explain(text: string): { outcome: string; steps: readonly string[] } {
    const { objectType, objectId, relation, subject } = readQuestion(text)
    const explanation = refusing(() => this.#evaluator.explain(objectType, objectId, relation, subject))
    return { outcome: explanation.outcome, steps: writeSteps(explanation) }
  }
}

function refusing<T>(answer: () => T): T {
  try {
    return answer()
  } catch (error) {
    if (error instanceof NexusError) throw new Refusal(error.reason)
    throw error
  }
}
