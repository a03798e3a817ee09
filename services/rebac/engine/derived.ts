import { derivedParentId } from '../schema/hierarchy.ts'
import type { Hierarchy } from '../schema/schema.ts'
import type { AskedSubject } from './asked-subject.ts'
import type { NodeSpace } from './node-space.ts'

/** Whether the subject of the question is the derived parent of a node, as if that relationship were stored. */
export function subjectIsDerivedParent(
  nodes: NodeSpace,
  node: number,
  hierarchy: Hierarchy,
  { form, subject }: AskedSubject,
): boolean {
  if (form !== 'object' || subject.tenant !== '' || subject.type !== hierarchy.type) return false
  return derivedParentId(hierarchy, nodes.id(node)) === subject.id
}
