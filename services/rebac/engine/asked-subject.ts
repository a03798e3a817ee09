import type { GraphReader } from '../graph/graph-reader.ts'
import type { Subject } from '../model/relationship.ts'
import { ANY_SUBJECT_TYPE, WILDCARD_ID } from '../model/relationship.ts'
import { type SubjectForm, subjectForm } from '../schema/direct-types.ts'
import type { NodeSpace } from './node-space.ts'

/** The subject of a question, as numbers of the graph. */
export interface AskedSubject {
  readonly subject: Subject
  readonly form: SubjectForm
  /** Relationships with one of these slots name the subject: itself, its type's wildcard, any-subject. */
  readonly slots: readonly number[]
  /** The one that names the subject itself; 0: none does. */
  readonly selfSlot: number
  /** Set for a userset: its object and relation. A userset is a member of itself. */
  readonly usersetNode: number
  readonly usersetRelation: number
}

/** Finds the subject in a graph. What does not stand there can still be a member by a wildcard. */
export function askSubject(nodes: NodeSpace, subject: Subject): AskedSubject {
  const { graph } = nodes
  const form = subjectForm(subject)
  const selfSlot = findSelf(graph, subject)
  const slots: number[] = []
  if (selfSlot !== 0) slots.push(selfSlot)
  if (form === 'object') addWildcards(graph, subject, slots)
  let usersetNode = 0
  let usersetRelation = 0
  if (form === 'userset') {
    const kind = graph.kinds.find(subject.type, '', false)
    usersetRelation = graph.symbols.find(subject.relation)
    if (kind !== null && usersetRelation >= 0) usersetNode = nodes.resolve(kind, subject.id)
  }
  return { subject, form, slots, selfSlot, usersetNode, usersetRelation }
}

/** Adds the slots that stand for every plain subject of a kind. */
export function addWildcards(graph: GraphReader, subject: Pick<Subject, 'tenant' | 'type'>, slots: number[]): void {
  const ofType = subject.tenant === '' ? graph.wildcardSlot(subject.type) : 0
  if (ofType !== 0) slots.push(ofType)
  const any = graph.wildcardSlot(ANY_SUBJECT_TYPE)
  if (any !== 0) slots.push(any)
}

function findSelf(graph: GraphReader, { tenant, type, id, relation }: Subject): number {
  const kind = graph.kinds.find(type, tenant, id === WILDCARD_ID)
  const node = kind === null ? 0 : graph.findNode(kind.number, id)
  const number = graph.symbols.find(relation)
  return number < 0 ? 0 : graph.findSlot(node, number)
}
