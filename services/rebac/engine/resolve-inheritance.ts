import type { GraphReader } from '../graph/graph-reader.ts'
import type { Subject } from '../model/relationship.ts'

/** The relation that links an agent to those whose rights it has too, and the type of agents. */
export const INHERITS_FROM = 'inherits_from'
const AGENT_TYPE = 'agent'

/**
 * Those whom an agent inherits from: the plain subjects of its unexpired and unconditional `inherits_from`
 * relationships. One step only: an owner's own links do not count for the agent.
 */
export function resolveInheritance(graph: GraphReader, subject: Subject, now = Date.now()): readonly Subject[] {
  if (subject.type !== AGENT_TYPE || subject.tenant !== '' || subject.relation !== '') return []
  const kind = graph.kinds.find(subject.type, '', false)
  const relation = graph.symbols.find(INHERITS_FROM)
  if (kind === null || relation < 0) return []
  const slot = graph.findSlot(graph.findNode(kind.number, subject.id), relation)
  const found: Subject[] = []
  for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) {
    const expiresAt = graph.expiresAt(edge)
    if (graph.conditionName(edge) !== '' || (expiresAt !== null && expiresAt <= now)) continue
    const owner = graph.slotNode(graph.edgeSubject(edge))
    const { type, tenant, wildcard } = graph.nodeKind(owner)
    if (!wildcard && tenant === '') found.push({ tenant: '', type, id: graph.nodeId(owner), relation: '' })
  }
  return found
}
