import type { Relationship, Subject } from '../model/relationship.ts'
import { WILDCARD_ID } from '../model/relationship.ts'
import { countsUnder, findRelation } from '../schema/direct-types.ts'
import { derivedParentId, normalizeObjectId } from '../schema/hierarchy.ts'
import type { Rewrite } from '../schema/schema.ts'
import type { AskedSubject } from './asked-subject.ts'
import { objectEdgesOf, usersetEdgesOf } from './edges-of.ts'
import type { Evaluation } from './evaluation.ts'
import { type Explanation, PLAIN_STEP } from './explanation.ts'
import type { Machine } from './machine.ts'
import { CYCLE, ERROR, TRUE, type Value } from './values.ts'

/** Deeper steps than this are not shown: decoders of nested messages have limits. */
const MAX_SHOWN_DEPTH = 60
/** Most steps of one explanation. */
const MAX_STEPS = 5000

type Step = Explanation['step']
type Outcome = Explanation['outcome']

/**
 * Why one subject has the relation, or has it not: for "yes" the way that granted, for "no" everything that was looked
 * at. What was shown once is not shown again.
 * @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED
 */
export function explain(
  evaluation: Evaluation,
  objectType: string,
  objectId: string,
  relation: string,
  subject: Subject,
): Explanation {
  evaluation.limit.restart()
  const id = normalizeObjectId(evaluation.schema, objectType, objectId)
  return new Explainer(evaluation, subject).relation(objectType, id, relation, 0, 'relation')
}

class Explainer {
  readonly #evaluation: Evaluation
  readonly #subject: Subject
  readonly #asked: AskedSubject
  readonly #machine: Machine
  readonly #shown = new Set<string>()
  readonly #path = new Set<string>()
  #steps = 0

  constructor(evaluation: Evaluation, subject: Subject) {
    this.#evaluation = evaluation
    this.#subject = subject
    this.#asked = evaluation.ask(subject)
    this.#machine = evaluation.checkMachine(this.#asked)
  }

  relation(type: string, id: string, relation: string, depth: number, step: Step): Explanation {
    const key = `${type}\u0000${id}\u0000${relation}`
    const { tenant, type: subjectType, id: subjectId, relation: subjectRelation } = this.#subject
    const base = { ...PLAIN_STEP, objectType: type, objectId: id, relation, subject: this.#subject, step, children: [] }
    if (tenant === '' && subjectType === type && subjectId === id && subjectRelation === relation) {
      return { ...base, outcome: 'true', message: 'A userset is a member of itself.' }
    }
    if (this.#path.has(key)) return { ...base, outcome: 'cycle', message: 'This is being evaluated already.' }
    const { outcome, message } = this.#value(type, id, relation)
    if (this.#shown.has(key)) return { ...base, outcome, message: 'Shown before.' }
    if (depth >= MAX_SHOWN_DEPTH || this.#steps >= MAX_STEPS) return { ...base, outcome, message: 'Not shown further.' }
    const definition = findRelation(this.#evaluation.schema, type, relation)
    if (definition === null) return { ...base, outcome: 'false', message: 'The type has no such relation.' }
    this.#steps++
    this.#shown.add(key)
    this.#path.add(key)
    const child = this.#rewrite(type, id, relation, definition.rewrite, depth + 1, outcome === 'true')
    this.#path.delete(key)
    return { ...base, outcome, message, children: child.step === 'direct' ? child.children : [child] }
  }

  /** The exact value, which the machine keeps. */
  #value(type: string, id: string, relation: string): { readonly outcome: Outcome; readonly message: string } {
    const { graph, nodes, plans } = this.#evaluation
    const kind = graph.kinds.find(type, '', false)
    const number = graph.symbols.find(relation)
    const unit = kind === null || number < 0 ? null : plans.plans.relation(kind, number)
    if (kind === null || unit === null) return { outcome: 'false', message: '' }
    const value = this.#machine.evaluate(nodes.resolve(kind, id), unit)
    return { outcome: outcomeOf(value), message: value === ERROR ? this.#machine.error.message : '' }
  }

  #rewrite(type: string, id: string, relation: string, rewrite: Rewrite, depth: number, granted: boolean): Explanation {
    const base = { ...PLAIN_STEP, objectType: type, objectId: id, relation, subject: this.#subject }
    switch (rewrite.kind) {
      case 'direct': {
        const children = decisive([...this.#direct(type, id, relation, depth)], granted)
        return { ...base, step: 'direct', outcome: unionOutcome(children), children }
      }
      case 'computed':
        return this.relation(type, id, rewrite.relation, depth, 'computed')
      case 'from': {
        const children = decisive([...this.#from(type, id, rewrite.tupleset, rewrite.relation, depth)], granted)
        return { ...base, step: 'from', outcome: unionOutcome(children), children }
      }
      case 'union': {
        const children: Explanation[] = []
        for (const part of rewrite.children) {
          const child = this.#rewrite(type, id, relation, part, depth + 1, granted)
          children.push(child)
          if (granted && child.outcome === 'true') break
        }
        return { ...base, step: 'union', outcome: unionOutcome(children), children: decisive(children, granted) }
      }
      case 'intersection': {
        const children = rewrite.children.map((part) => this.#rewrite(type, id, relation, part, depth + 1, granted))
        return { ...base, step: 'intersection', outcome: intersectionOutcome(children), children }
      }
      case 'exclusion': {
        const kept = this.#rewrite(type, id, relation, rewrite.base, depth + 1, granted)
        if (kept.outcome === 'false' || kept.outcome === 'cycle') {
          return { ...base, step: 'exclusion', outcome: kept.outcome, children: [kept] }
        }
        const taken = this.#rewrite(type, id, relation, rewrite.subtract, depth + 1, false)
        return { ...base, step: 'exclusion', outcome: exclusionOutcome(kept, taken), children: [kept, taken] }
      }
    }
  }

  *#direct(type: string, id: string, relation: string, depth: number): Generator<Explanation> {
    const { graph, nodes } = this.#evaluation
    const hierarchy = this.#evaluation.schema.types.get(type)?.hierarchy ?? null
    const base = { ...PLAIN_STEP, objectType: type, objectId: id, relation, subject: this.#subject, children: [] }
    const isLocal = this.#subject.tenant === '' && this.#subject.relation === ''
    if (hierarchy?.relation === relation && this.#subject.type === type && isLocal) {
      const holds = derivedParentId(hierarchy, id) === this.#subject.id
      yield { ...base, step: 'direct', outcome: holds ? 'true' : 'false', derived: true }
    }
    const node = this.#node(type, id)
    const number = graph.symbols.find(relation)
    if (node === 0 || number < 0) return
    const slot = nodes.findSlot(node, number)
    const { form, slots } = this.#asked
    // Those that name a userset are followed, below.
    for (const named of slot === 0 || form === 'userset' ? [] : slots) {
      const edge = graph.findEdge(slot, named)
      if (edge === 0) continue
      this.#evaluation.limit.spend()
      yield { ...base, step: 'direct', ...this.#judged(edge, graph.relationship(edge), 'true') }
    }
    for (const edge of usersetEdgesOf(nodes, node, number)) {
      if (this.#steps >= MAX_STEPS) return
      this.#evaluation.limit.spend()
      const relationship = graph.relationship(edge)
      const { subjectType, subjectId, subjectRelation } = relationship
      yield this.#followed(base, edge, 'userset', () =>
        this.relation(subjectType, subjectId, subjectRelation, depth + 1, 'relation'),
      )
    }
  }

  *#from(type: string, id: string, tupleset: string, target: string, depth: number): Generator<Explanation> {
    const { graph, nodes, schema } = this.#evaluation
    const base = {
      ...PLAIN_STEP,
      objectType: type,
      objectId: id,
      relation: tupleset,
      subject: this.#subject,
      children: [],
    }
    const hierarchy = schema.types.get(type)?.hierarchy ?? null
    const parent = hierarchy?.relation === tupleset ? derivedParentId(hierarchy, id) : null
    if (parent !== null) {
      const child = this.relation(type, parent, target, depth + 1, 'relation')
      yield { ...base, step: 'from', outcome: child.outcome, derived: true, children: [child] }
    }
    const node = this.#node(type, id)
    const number = graph.symbols.find(tupleset)
    if (node === 0 || number < 0) return
    for (const edge of objectEdgesOf(nodes, node, number)) {
      if (this.#steps >= MAX_STEPS) return
      this.#evaluation.limit.spend()
      const { subjectType, subjectId, subjectTenant } = graph.relationship(edge)
      if (subjectId === WILDCARD_ID || subjectTenant !== '' || findRelation(schema, subjectType, target) === null)
        continue
      yield this.#followed(base, edge, 'from', () =>
        this.relation(subjectType, subjectId, target, depth + 1, 'relation'),
      )
    }
  }

  /** A relationship that leads on; what it leads to is shown only if the relationship counts. */
  #followed(
    base: Omit<Explanation, 'outcome' | 'step'>,
    edge: number,
    step: Step,
    follow: () => Explanation,
  ): Explanation {
    const judged = this.#judged(edge, this.#evaluation.graph.relationship(edge), 'true')
    if (judged.outcome !== 'true') return { ...base, step, ...judged }
    const child = follow()
    return { ...base, step, ...judged, outcome: child.outcome, children: [child] }
  }

  #judged(
    edge: number,
    relationship: Relationship,
    holds: Outcome,
  ): Pick<Explanation, 'outcome' | 'relationship' | 'expired' | 'conditionFailed' | 'message'> {
    const { judge, schema } = this.#evaluation
    const looked = { relationship, expired: false, conditionFailed: false, message: '' }
    if (!judge.isPresent(edge)) return { ...looked, outcome: 'false', expired: true, message: 'It has expired.' }
    if (!countsUnder(schema, relationship)) {
      return { ...looked, outcome: 'false', message: 'It does not fit the schema, and is ignored.' }
    }
    const condition = judge.condition(edge)
    if (condition === TRUE) return { ...looked, outcome: holds }
    if (condition === ERROR)
      return { ...looked, outcome: 'error', conditionFailed: true, message: judge.error(edge).message }
    return { ...looked, outcome: 'false', conditionFailed: true, message: 'Its condition does not hold.' }
  }

  #node(type: string, id: string): number {
    const kind = this.#evaluation.graph.kinds.find(type, '', false)
    return kind === null ? 0 : this.#evaluation.graph.findNode(kind.number, id)
  }
}

/** Of the members of a union that granted, the one that did. */
function decisive(children: readonly Explanation[], granted: boolean): readonly Explanation[] {
  const deciding = granted ? children.find((child) => child.outcome === 'true') : undefined
  return deciding === undefined ? children : [deciding]
}

function outcomeOf(value: Value): Outcome {
  return value === TRUE ? 'true' : value === CYCLE ? 'cycle' : value === ERROR ? 'error' : 'false'
}

function unionOutcome(children: readonly Explanation[]): Outcome {
  return strongest(children, ['true', 'error', 'cycle', 'false'], 'false')
}

function intersectionOutcome(children: readonly Explanation[]): Outcome {
  return strongest(children, ['false', 'cycle', 'error', 'true'], 'true')
}

function strongest(children: readonly Explanation[], order: readonly Outcome[], none: Outcome): Outcome {
  return order.find((outcome) => children.some((child) => child.outcome === outcome)) ?? none
}

function exclusionOutcome(kept: Explanation, taken: Explanation): Outcome {
  if (taken.outcome === 'true') return 'false'
  if (taken.outcome === 'cycle') return 'cycle'
  return kept.outcome === 'error' || taken.outcome === 'error' ? 'error' : 'true'
}
