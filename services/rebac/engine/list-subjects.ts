import type { Subject } from '../model/relationship.ts'
import { ANY_SUBJECT_TYPE, WILDCARD_ID } from '../model/relationship.ts'
import { normalizeObjectId } from '../schema/hierarchy.ts'
import { subjectText } from '../schema/subject-text.ts'
import { addWildcards, type AskedSubject } from './asked-subject.ts'
import { ExplicitMember } from './explicit-member.ts'
import type { Evaluation } from './evaluation.ts'
import type { Machine } from './machine.ts'
import { MentionedSubjects } from './mentioned-subjects.ts'
import type { RelationPlan } from './plan.ts'
import type { Steps } from './steps.ts'
import { ERROR, TRUE } from './values.ts'

export interface ListSubjectsQuestion {
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subjectType: string
  /** Empty: plain objects and the wildcard; else usersets with this relation. */
  readonly subjectRelation: string
}

export interface ListedSubject {
  readonly subject: Subject
  /** For a wildcard: those it does not include. */
  readonly excluded: readonly Subject[]
}

/**
 * Who has the relation: for plain objects those that are named on a way that grants and, where it is public, the
 * wildcard with those that it does not include. In a fixed order, wildcards first; in steps.
 * @throws NexusError as check does, if a candidate ends in an error
 */
export function* listSubjects(evaluation: Evaluation, question: ListSubjectsQuestion): Steps<readonly ListedSubject[]> {
  evaluation.limit.restart()
  const { graph, nodes, schema } = evaluation
  const { objectType, relation: relationName, subjectType, subjectRelation } = question
  const objectId = normalizeObjectId(schema, objectType, question.objectId)
  const kind = graph.kinds.find(objectType, '', false)
  const relation = graph.symbols.find(relationName)
  const unit = kind === null || relation < 0 ? null : evaluation.plans.plans.relation(kind, relation)
  const isReflexive = subjectType === objectType && subjectRelation === relationName && subjectRelation !== ''
  const itself: Subject = { tenant: '', type: objectType, id: objectId, relation: relationName }
  if (kind === null || unit === null) return isReflexive ? [{ subject: itself, excluded: [] }] : []

  const node = nodes.resolve(kind, objectId)
  const filter = graph.symbols.find(subjectRelation)
  if (filter < 0) return []
  const mentioned = yield* new MentionedSubjects(evaluation, subjectType, filter).collect(node, unit)
  const ordered = [...mentioned].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject)
  return yield* new SubjectLister(evaluation, node, unit).list(ordered, subjectRelation === '' ? subjectType : null)
}

class SubjectLister {
  readonly #evaluation: Evaluation
  readonly #node: number
  readonly #unit: RelationPlan

  constructor(evaluation: Evaluation, node: number, unit: RelationPlan) {
    this.#evaluation = evaluation
    this.#node = node
    this.#unit = unit
  }

  /** `wildcardType`: the type whose wildcard may be listed; null for usersets. */
  *list(mentioned: readonly Subject[], wildcardType: string | null): Steps<readonly ListedSubject[]> {
    const anybody = wildcardType === null ? null : this.#anybody(wildcardType)
    const isPublic = anybody !== null && this.#holds(anybody)
    const members: ListedSubject[] = []
    const excluded: Subject[] = []
    for (const subject of mentioned) {
      yield
      const asked = this.#evaluation.ask(subject)
      const machine = this.#evaluation.listMachine(asked)
      // A foreign subject is nobody of the wildcard T:*, but is one of any-subject.
      if (!this.#holds(machine)) excluded.push(subject)
      else if (anybody === null || !isPublic || this.#isExplicit(asked, machine, anybody)) {
        members.push({ subject, excluded: [] })
      }
    }
    return wildcardType === null ? members : [...this.#wildcards(wildcardType, isPublic, excluded), ...members]
  }

  /** `isPublic`: whether somebody of this tenant whom nothing names has the relation. */
  #wildcards(type: string, isPublic: boolean, excluded: readonly Subject[]): readonly ListedSubject[] {
    const wildcard: Subject = { tenant: '', type, id: WILDCARD_ID, relation: '' }
    const anySubject: Subject = { tenant: '', type: ANY_SUBJECT_TYPE, id: WILDCARD_ID, relation: '' }
    const holds = (subject: Subject): boolean =>
      this.#holds(this.#evaluation.listMachine(this.#evaluation.ask(subject)))
    // A closed schema accepts no any-subject: asking for it could only end in an error that is nobody's.
    const anySubjectHolds = this.#evaluation.schema.open && holds(anySubject)
    const listed: ListedSubject[] = []
    // Everybody of every tenant, but perhaps not of this one: its own wildcard may stand on the subtracted side.
    if (anySubjectHolds) listed.push({ subject: anySubject, excluded: isPublic ? excluded : [wildcard, ...excluded] })
    // Where only the two wildcards together grant, one in each operand, it is everybody of this tenant.
    if (isPublic && (!anySubjectHolds || holds(wildcard))) {
      listed.push({ subject: wildcard, excluded: excluded.filter((subject) => subject.tenant === '') })
    }
    return listed
  }

  #isExplicit(asked: AskedSubject, machine: Machine, anybody: Machine): boolean {
    if (asked.subject.tenant !== '') return true
    return new ExplicitMember(this.#evaluation, asked, machine, anybody).test(this.#node, this.#unit)
  }

  #holds(machine: Machine): boolean {
    const value = machine.evaluate(this.#node, this.#unit)
    if (value === ERROR) throw machine.error
    return value === TRUE
  }

  /** The evaluator for a subject of a type that no relationship names. */
  #anybody(type: string): Machine {
    const slots: number[] = []
    addWildcards(this.#evaluation.graph, { tenant: '', type }, slots)
    // U+0000 stands in no id.
    const subject: Subject = { tenant: '', type, id: '\u0000', relation: '' }
    return this.#evaluation.listMachine({
      subject,
      form: 'object',
      slots,
      selfSlot: 0,
      usersetNode: 0,
      usersetRelation: 0,
    })
  }
}

/** The place of a listed subject in the order of the list, for resuming. */
export function listedSubjectKey({ subject }: ListedSubject): string {
  const rank = subject.type === ANY_SUBJECT_TYPE ? 0 : subject.id === WILDCARD_ID ? 1 : 2
  return `${rank}${subjectText(subject)}`
}
