import type { Explanation } from '../../../services/rebac/engine/explanation.ts'
import type { UsersetTree } from '../../../services/rebac/engine/expand.ts'
import type { ListedSubject } from '../../../services/rebac/engine/list-subjects.ts'
import type { RelationshipKey, Subject } from '../../../services/rebac/model/relationship.ts'
import { writeSubject } from './case-file.ts'

/** A listed subject: `user:ann`, or `user:* except user:bob, user:carl`. */
export function writeListed({ subject, excluded }: Pick<ListedSubject, 'subject' | 'excluded'>): string {
  const except = excluded.length === 0 ? '' : ` except ${excluded.map(writeSubject).join(', ')}`
  return writeSubject(subject) + except
}

/** `type:id#relation@subject` */
export function writeKey(key: RelationshipKey): string {
  return `${key.objectType}:${key.objectId}#${key.relation}@${writeSubject(subjectOf(key))}`
}

/** What cases say of a tree: `union(viewer[user:ann, group:g#member], from(folder:f#viewer))`. */
export type CaseTree = Pick<UsersetTree, 'operation' | 'objectType' | 'objectId' | 'relation' | 'derived'> & {
  readonly children: readonly CaseTree[]
  readonly relationships: readonly RelationshipKey[]
}

/** A tree on one line, its relationships and followed objects in order; what is derived is marked with `^`. */
export function writeTree(tree: CaseTree): string {
  const children = tree.children.map(writeTree)
  if (tree.operation === 'unexpanded') {
    const relation = tree.relation === '' ? '' : `#${tree.relation}`
    return `${tree.derived ? '^' : ''}${tree.objectType}:${tree.objectId}${relation}`
  }
  if (tree.operation === 'leaf') {
    const subjects = tree.relationships.map((one) => writeSubject(subjectOf(one)))
    return `${tree.relation}[${[...subjects, ...children].sort().join(', ')}]`
  }
  return `${tree.operation}(${(tree.operation === 'from' ? children.sort() : children).join(', ')})`
}

/** What cases say of an explanation. */
export type CaseExplanation = Pick<
  Explanation,
  'outcome' | 'objectType' | 'objectId' | 'relation' | 'derived' | 'expired' | 'conditionFailed'
> & { readonly relationship: RelationshipKey | null; readonly children: readonly CaseExplanation[] }

/**
 * The steps of an explanation that say what was looked at, in order: relationships, with `expired ` or `condition `
 * before them if they do not count for that, `derived type:id#relation`, and `cycle type:id#relation`.
 */
export function writeSteps(step: CaseExplanation): readonly string[] {
  const at = `${step.objectType}:${step.objectId}#${step.relation}`
  const lines: string[] = []
  if (step.relationship !== null) {
    lines.push(`${step.expired ? 'expired ' : step.conditionFailed ? 'condition ' : ''}${writeKey(step.relationship)}`)
  } else if (step.derived) lines.push(`derived ${at}`)
  else if (step.outcome === 'cycle' && step.children.length === 0) lines.push(`cycle ${at}`)
  return [...lines, ...step.children.flatMap(writeSteps)]
}

function subjectOf(key: RelationshipKey): Subject {
  return { tenant: key.subjectTenant, type: key.subjectType, id: key.subjectId, relation: key.subjectRelation }
}
