import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { Evaluation } from '../../../services/rebac/engine/evaluation.ts'
import { type EvaluationOptions, Evaluator, type Question } from '../../../services/rebac/engine/evaluator.ts'
import type { Explanation } from '../../../services/rebac/engine/explanation.ts'
import type { ListedSubject } from '../../../services/rebac/engine/list-subjects.ts'
import { ERROR, TRUE } from '../../../services/rebac/engine/values.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Relationship, Subject } from '../../../services/rebac/model/relationship.ts'
import { derivedParentId } from '../../../services/rebac/schema/hierarchy.ts'
import { evaluatorOfEarlier, PartialEvaluator, type Verbs } from '../store-backed/partial-evaluator.ts'
import { writeSubject } from './case-file.ts'
import { ExpandReader } from './expand-reader.ts'
import { NaiveEvaluator, type NaiveValue, TooMuchWork } from './naive-evaluator.ts'
import { canBeContextual, type World } from './random-model.ts'

/** What is asked of a world. */
export interface Scope {
  readonly objects: readonly { readonly type: string; readonly id: string }[]
  readonly relations: (type: string) => readonly string[]
  readonly subjects: readonly Subject[]
  /** Of lists of subjects: types, and for usersets their relation. */
  readonly filters: readonly (readonly [type: string, relation: string])[]
}

/** Two evaluators that answer differently. */
export class Difference extends Error {}

interface Asked {
  readonly type: string
  readonly id: string
  readonly relation: string
  readonly subject: Subject
  /** null: the naive evaluator gave up, or an error and a cycle meet, where the rules leave the answer open. */
  readonly expected: NaiveValue | null
}

export const VERBS = ['checks', 'objects', 'subjects', 'permissions', 'trees'] as const
export type Verb = (typeof VERBS)[number]

/** Where the engine reads a world from. */
export type Source = (world: World, options: EvaluationOptions) => Verbs

export const inMemory: Source = ({ schema, stored }, options) => new Evaluator(schema, graphOf(stored), options)

export const storeBacked: Readonly<Record<string, Source>> = {
  'over parts that it fetches': ({ schema, stored }, options) =>
    new PartialEvaluator(schema, stored, options, { outlineFrom: outlineFrom(stored) }),
  'over parts of a later state': ({ schema, stored }, options) =>
    evaluatorOfEarlier(schema, stored, options, outlineFrom(stored)),
}

/** From how many relationships on an object is fetched in pieces. */
function outlineFrom(stored: readonly Relationship[]): number {
  return stored.length % 3
}

/**
 * Puts every question of a scope to the engine, in every way that it can be asked, and compares with the naive
 * evaluator. The ways, in memory: with a memo that grows, in two orders, and with none; by the exact evaluator alone; about several
 * subjects at once; over a layer instead of stored relationships; over a graph that has changed.
 */
export class VerbComparison {
  /** Answers that were compared. */
  compared = 0
  readonly #world: World
  readonly #scope: Scope
  readonly #naive: NaiveEvaluator
  readonly #naiveList: NaiveEvaluator
  readonly #asked: readonly Asked[]
  /** null: in memory. */
  readonly #source: Source | null
  #graph: TenantGraph | null = null

  constructor(world: World, scope: Scope, source: Source | null = null) {
    this.#source = source
    this.#world = world
    this.#scope = scope
    const { checks, lists } = naiveOf(world)
    this.#naive = checks
    this.#naiveList = lists
    this.#asked = scope.objects.flatMap(({ type, id }) =>
      scope.relations(type).flatMap((relation) =>
        scope.subjects.map((subject) => {
          const expected = naiveValue(this.#naive, type, id, relation, subject)
          return { type, id, relation, subject, expected }
        }),
      ),
    )
  }

  /** @throws Difference */
  run(): void {
    this.checks()
    this.objects()
    this.subjects()
    this.permissions()
    this.trees()
  }

  checks(): void {
    const { stored, contextual } = this.#world
    if (this.#source !== null) return this.#checksInOrder()
    const inOrder = this.#evaluator()
    const backwards = this.#evaluator()
    const layered = contextual.length === 0 ? this.#layered() : null
    const changed = this.#evaluator(this.#changedGraph(stored))
    const exact = this.#exact()
    const count = this.#asked.length
    for (const [index, asked] of this.#asked.entries()) {
      this.#compare('one evaluator', asked, checkOutcome(inOrder, asked))
      this.#compare('a changed graph', asked, checkOutcome(changed, asked))
      this.#compare('the exact evaluator', asked, exact(asked))
      if (layered !== null) this.#compare('a layer', asked, checkOutcome(layered, asked))
      if (index % 7 === 0) this.#compare('a new evaluator', asked, checkOutcome(this.#evaluator(), asked))
      const last = this.#asked[count - 1 - index]
      if (last !== undefined) this.#compare('the other order', last, checkOutcome(backwards, last))
      const next = this.#asked[index + 1]
      if (next !== undefined && next.type === asked.type && next.id === asked.id && next.relation === asked.relation)
        this.#either(inOrder, asked, next)
    }
  }

  #checksInOrder(): void {
    const evaluator = this.#verbs()
    for (const [index, asked] of this.#asked.entries()) {
      this.#compare('one evaluator', asked, checkOutcome(evaluator, asked))
      if (index % 13 === 0) this.#compare('a new evaluator', asked, checkOutcome(this.#verbs(), asked))
    }
  }

  /** Exactly those among the ids that occur which check true; and whatever lies below one that covers it. */
  objects(): void {
    const evaluator = this.#verbs()
    const types = new Set(this.#scope.objects.map(({ type }) => type))
    for (const type of types) {
      const occurring = this.#naiveList.occurring(type)
      for (const relation of this.#scope.relations(type)) {
        for (const subject of this.#scope.subjects) {
          const ids = new Set(occurring)
          if (subject.type === type && subject.relation !== '') ids.add(subject.id)
          const values = [...ids].map((id) => ({
            id,
            value: naiveValue(this.#naiveList, type, id, relation, subject),
          }))
          if (values.some(({ value }) => value === null)) continue
          const where = `objects ${type}#${relation}@${writeSubject(subject)}`
          const question = { objectType: type, relation, subjects: [subject], idPrefix: '', afterId: '', limit: 0 }
          const listed = attempt(() => evaluator.listObjects(question))
          const granted = values.filter(({ value }) => value === 'T').map(({ id }) => id)
          const expected = values.some(({ value }) => value === 'E') ? 'E' : granted.sort(byCodeUnits).join(' ')
          this.#expect(where, expected, listed === 'E' ? 'E' : listed.map(({ id }) => id).join(' '))
          if (listed === 'E') continue
          this.#covered(where, type, relation, subject, listed)
          const all = evaluator instanceof Evaluator && evaluator.listCoversAll(question)
          if (all && subject.relation === '') this.#nothingElse(where, type, relation, subject, listed)
        }
      }
    }
  }

  #covered(
    where: string,
    type: string,
    relation: string,
    subject: Subject,
    listed: ReturnType<Verbs['listObjects']>,
  ): void {
    const separator = this.#world.schema.types.get(type)?.hierarchy?.separator
    for (const { id, coversSubtree } of listed) {
      if (!coversSubtree || separator === undefined) continue
      const below = `${id === separator ? '' : id}${separator}q${separator}r`
      this.#expect(`${where} below ${id}`, 'T', naiveValue(this.#naiveList, type, below, relation, subject) ?? 'T')
    }
  }

  /** What does not occur has the relation only below something that is listed. */
  #nothingElse(
    where: string,
    type: string,
    relation: string,
    subject: Subject,
    listed: ReturnType<Verbs['listObjects']>,
  ): void {
    const hierarchy = this.#world.schema.types.get(type)?.hierarchy ?? null
    const separator = hierarchy?.separator ?? '/'
    const above = new Set(this.#naiveList.occurring(type))
    for (const id of above) {
      const parent = hierarchy === null ? null : derivedParentId(hierarchy, id)
      if (parent !== null) above.add(parent)
      const below = `${id === separator ? '' : id}${separator}q${separator}r`
      if (naiveValue(this.#naiveList, type, below, relation, subject) !== 'T') continue
      const isCovered = listed.some(
        (one) => one.coversSubtree && below.startsWith(one.id === separator ? separator : `${one.id}${separator}`),
      )
      this.#expect(`${where} leaves out ${below}`, 'covered', isCovered ? 'covered' : 'left out')
    }
  }

  /** Everybody is covered by the list exactly if the check is true. */
  subjects(): void {
    const evaluator = this.#verbs()
    for (const { type, id } of this.#scope.objects) {
      for (const relation of this.#scope.relations(type)) {
        for (const [subjectType, subjectRelation] of this.#scope.filters) {
          const asked = this.#whoever(subjectType, subjectRelation)
          const values = asked.map((subject) => naiveValue(this.#naiveList, type, id, relation, subject))
          if (values.includes(null)) continue
          const question = { objectType: type, objectId: id, relation, subjectType, subjectRelation }
          const listed = attempt(() => evaluator.listSubjects(question))
          const where = `subjects ${type}:${id}#${relation}@${subjectType}#${subjectRelation}`
          if (listed === 'E' || values.includes('E')) {
            // Whoever is not mentioned on a way may end in an error and is in no list.
            this.#expect(`${where}: an error has a reason`, 'true', String(values.includes('E')))
            continue
          }
          for (const [index, subject] of asked.entries()) {
            this.#expect(`${where} ${writeSubject(subject)}`, values[index] ?? 'F', covers(listed, subject) ? 'T' : 'F')
          }
        }
      }
    }
  }

  #whoever(type: string, relation: string): readonly Subject[] {
    const ids = new Set([...this.#naiveList.occurring(type), '\u{1}nobody'])
    // A way that grants may lead through the parents of what occurs.
    const hierarchy = this.#world.schema.types.get(type)?.hierarchy ?? null
    for (const id of ids) {
      const parent = hierarchy === null ? null : derivedParentId(hierarchy, id)
      if (parent !== null) ids.add(parent)
    }
    const local = [...ids].map((id) => ({ tenant: '', type, id, relation }))
    if (relation !== '') return local
    const stranger = { tenant: 'elsewhere', type, id: 'nobody', relation: '' }
    return [...local, ...this.#naiveList.occurringAbroad(type), stranger]
  }

  permissions(): void {
    const evaluator = this.#verbs()
    for (const { type, id } of this.#scope.objects) {
      const relations = [...(this.#world.schema.types.get(type)?.relations.keys() ?? [])]
      for (const subject of this.#scope.subjects) {
        const values = relations.map((relation) => naiveValue(this.#naive, type, id, relation, subject))
        if (values.includes(null)) continue
        const held = attempt(() => evaluator.listPermissions(type, id, [subject]))
        const declared = held === 'E' ? 'E' : held.filter((name) => relations.includes(name)).join(' ')
        const granted = relations.filter((_, index) => values[index] === 'T')
        const where = `permissions ${type}:${id}@${writeSubject(subject)}`
        if (declared !== 'E' || !values.includes('E')) {
          this.#expect(where, values.includes('E') ? 'E' : granted.sort(byCodeUnits).join(' '), declared)
        } else this.compared++
      }
    }
  }

  /** Explain and Expand. */
  trees(): void {
    const { schema, context } = this.#world
    const evaluator = this.#verbs()
    const reader = new ExpandReader(evaluator, schema, context)
    for (const asked of this.#asked) {
      const { type, id, relation, subject } = asked
      const explained = evaluator.explain(type, id, relation, subject)
      this.#compare('explain', asked, explainedValue(explained))
      this.#steps(explained, subject)
      try {
        if (asked.expected !== null) this.#compare('expand', asked, reader.check(type, id, relation, subject))
      } catch (error) {
        if (!(error instanceof TooMuchWork)) throw error
      }
    }
  }

  /** Every step that gives the value of a relation gives the right one; a cut-off cycle is only so where it stands. */
  #steps(step: Explanation, subject: Subject): void {
    if ((step.step === 'relation' || step.step === 'computed') && step.outcome !== 'cycle') {
      const { objectType: type, objectId: id, relation } = step
      const expected = naiveValue(this.#naive, type, id, relation, subject)
      this.#compare('a step of explain', { type, id, relation, subject, expected }, explainedValue(step))
    }
    for (const child of step.children) this.#steps(child, subject)
  }

  #options(contextual: readonly Relationship[]): EvaluationOptions {
    const { now, context } = this.#world
    return { now, context, contextual, maxDepth: 0, nodeBudget: 0, deadline: Infinity }
  }

  #verbs(): Verbs {
    return this.#source?.(this.#world, this.#options(this.#world.contextual)) ?? this.#evaluator()
  }

  #evaluator(graph = (this.#graph ??= graphOf(this.#world.stored)), contextual = this.#world.contextual): Evaluator {
    return new Evaluator(this.#world.schema, graph, this.#options(contextual))
  }

  /** Every other relationship is one of the request instead of a stored one. */
  #layered(): Evaluator {
    const { schema, stored } = this.#world
    const moved = new Set(stored.filter((one, index) => index % 2 === 0 && canBeContextual(schema, one)))
    return this.#evaluator(graphOf(stored.filter((one) => !moved.has(one))), [...moved])
  }

  /** A graph that had other relationships before, among them other versions of the same ones. */
  #changedGraph(stored: readonly Relationship[]): TenantGraph {
    const graph = new TenantGraph()
    const before = stored.filter((_, index) => index % 3 === 0).map((one) => ({ ...one, expiresAt: 1 }))
    const gone = stored.map((one) => ({ ...one, objectId: `${one.objectId}-gone` }))
    graph.load([...before, ...gone])
    graph.apply(2, [
      ...gone.map((one) => ({ before: one, after: null })),
      ...stored.map((one, index) => ({
        before: index % 3 === 0 ? (before[index / 3] ?? null) : null,
        after: one,
      })),
    ])
    return graph
  }

  #exact(): (asked: Asked) => NaiveValue {
    const { schema, stored, contextual } = this.#world
    const evaluation = new Evaluation(schema, graphOf(stored), this.#options(contextual))
    const machines = new Map(
      this.#scope.subjects.map((subject) => [subject, evaluation.checkMachine(evaluation.ask(subject))]),
    )
    return ({ type, id, relation, subject }) => {
      const kind = evaluation.graph.kinds.find(type, '', false)
      const number = evaluation.graph.symbols.find(relation)
      const unit = kind === null || number < 0 ? null : evaluation.plans.plans.relation(kind, number)
      const isItself =
        subject.tenant === '' && subject.type === type && subject.id === id && subject.relation === relation
      if (kind === null || unit === null) return isItself ? 'T' : 'F'
      const value = machines.get(subject)?.evaluate(evaluation.nodes.resolve(kind, id), unit)
      return value === TRUE ? 'T' : value === ERROR ? 'E' : 'F'
    }
  }

  #either(evaluator: Evaluator, one: Asked, other: Asked): void {
    if (one.expected === null || other.expected === null) return
    const values = [one.expected, other.expected]
    const expected = values.includes('T') ? 'T' : values.includes('E') ? 'E' : 'F'
    const both = checkOutcome(evaluator, one, [one.subject, other.subject])
    this.#expect(`either of ${writeAsked(one)} and ${writeSubject(other.subject)}`, expected, both)
  }

  #compare(way: string, asked: Asked, found: NaiveValue): void {
    if (asked.expected !== null) this.#expect(`${way}: ${writeAsked(asked)}`, asked.expected, found)
  }

  #expect(where: string, expected: string, found: string): void {
    this.compared++
    if (expected !== found) throw new Difference(`${where}: must be ${expected}, but was ${found}`)
  }
}

/** A world as text, to be read by whoever looks for the reason of a difference. */
export function describeWorld({ source, stored, contextual, context, now }: World): string {
  const text = (one: Relationship): string =>
    `${one.objectType}:${one.objectId}#${one.relation}@${one.subjectTenant}/${one.subjectType}:${one.subjectId}#${one.subjectRelation} ` +
    `${one.conditionName} ${JSON.stringify(one.conditionContext)} ${one.expiresAt}`
  return [
    source.model,
    ...stored.map(text),
    'contextual',
    ...contextual.map(text),
    `${JSON.stringify(context)} at ${now}`,
  ].join('\n')
}

function graphOf(stored: readonly Relationship[]): TenantGraph {
  const graph = new TenantGraph()
  graph.load(stored)
  return graph
}

interface NaivePair {
  readonly checks: NaiveEvaluator
  readonly lists: NaiveEvaluator
}

const naivePairs = new WeakMap<World, NaivePair>()
const naiveValues = new WeakMap<NaiveEvaluator, Map<string, NaiveValue | null>>()

function naiveOf(world: World): NaivePair {
  let pair = naivePairs.get(world)
  if (pair === undefined) {
    const make = (conditionsLast: boolean) =>
      new NaiveEvaluator(world.schema, world.stored, { ...world, conditionsLast })
    naivePairs.set(world, (pair = { checks: make(false), lists: make(true) }))
  }
  return pair
}

/** What the naive evaluator says is asked for many times, by every verb, and does not change. */
function naiveValue(
  naive: NaiveEvaluator,
  type: string,
  id: string,
  relation: string,
  subject: Subject,
): NaiveValue | null {
  let values = naiveValues.get(naive)
  if (values === undefined) naiveValues.set(naive, (values = new Map()))
  const key = [type, id, relation, subject.tenant, subject.type, subject.id, subject.relation].join('\0')
  let value = values.get(key)
  if (value === undefined) values.set(key, (value = askNaive(naive, type, id, relation, subject)))
  return value
}

function askNaive(
  naive: NaiveEvaluator,
  type: string,
  id: string,
  relation: string,
  subject: Subject,
): NaiveValue | null {
  try {
    const value = naive.check(type, id, relation, subject)
    return naive.sawCycle && naive.sawError ? null : value
  } catch (error) {
    if (error instanceof TooMuchWork) return null
    throw error
  }
}

function checkOutcome(evaluator: Verbs, asked: Asked, subjects = [asked.subject]): NaiveValue {
  const question: Question = { objectType: asked.type, objectId: asked.id, relation: asked.relation, subjects }
  const result = attempt(() => evaluator.check(question))
  return result === 'E' ? 'E' : result ? 'T' : 'F'
}

/** The result, or 'E' if it failed with an error of the catalogue. */
function attempt<T>(answer: () => T): T | 'E' {
  try {
    return answer()
  } catch (error) {
    if (error instanceof NexusError && error.reason !== 'INTERNAL') return 'E'
    throw error
  }
}

function explainedValue({ outcome }: Explanation): NaiveValue {
  return outcome === 'true' ? 'T' : outcome === 'error' ? 'E' : 'F'
}

function covers(listed: readonly ListedSubject[], asked: Subject): boolean {
  const same = (one: Subject): boolean =>
    one.tenant === asked.tenant && one.type === asked.type && one.id === asked.id && one.relation === asked.relation
  return listed.some(({ subject, excluded }) => {
    if (same(subject)) return true
    if (asked.relation !== '' || subject.id !== '*') return false
    const included = subject.type === '*' || (asked.tenant === '' && subject.type === asked.type)
    const isExcluded = excluded.some(
      (one) => same(one) || (one.id === '*' && asked.tenant === '' && one.type === asked.type),
    )
    return included && !isExcluded
  })
}

function writeAsked({ type, id, relation, subject }: Asked): string {
  return `${type}:${id}#${relation}@${writeSubject(subject)}`
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : 1
}
