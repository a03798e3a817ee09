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
  const slots: number[] = []
  const add = (type: string, tenant: string, id: string, relation: number): number => {
    const kind = graph.kinds.find(type, tenant, id === WILDCARD_ID)
    const node = kind === null ? 0 : graph.findNode(kind.number, id)
    const slot = node === 0 ? 0 : graph.findSlot(node, relation)
    if (slot !== 0) slots.push(slot)
    return slot
  }
  const relation = graph.symbols.find(subject.relation)
  const selfSlot = relation < 0 ? 0 : add(subject.type, subject.tenant, subject.id, relation)
  if (form === 'object') {
    if (subject.tenant === '') add(subject.type, '', WILDCARD_ID, 0)
    add(ANY_SUBJECT_TYPE, '', WILDCARD_ID, 0)
  }
  const kind = form === 'userset' ? graph.kinds.find(subject.type, '', false) : null
  const usersetNode = kind === null || relation < 0 ? 0 : nodes.resolve(kind, subject.id)
  return { subject, form, slots, selfSlot, usersetNode, usersetRelation: relation }
}
