import { type NexusError } from '../../common/errors/nexus-error.ts'
import type { Subject } from '../model/relationship.ts'
import { normalizeObjectId } from '../schema/hierarchy.ts'
import type { Evaluation } from './evaluation.ts'
import { ERROR, TRUE } from './values.ts'

/**
 * Every relation and permission that any of the subjects has on an object, by name. In an open schema that includes
 * undeclared relations which stand there.
 * @throws NexusError as check does, if a relation ends in an error and nothing grants it
 */
export function listPermissions(
  evaluation: Evaluation,
  objectType: string,
  objectId: string,
  subjects: readonly Subject[],
): readonly string[] {
  evaluation.limit.restart()
  const id = normalizeObjectId(evaluation.schema, objectType, objectId)
  const held: string[] = []
  for (const relation of relationsOf(evaluation, objectType, id, subjects)) {
    let error: NexusError | null = null
    let granted = false
    for (const subject of subjects) {
      const outcome = evaluation.check(objectType, id, relation, subject)
      granted = outcome.value === TRUE
      if (granted) break
      if (outcome.value === ERROR) error ??= outcome.error
    }
    if (granted) held.push(relation)
    else if (error !== null) throw error
  }
  return held
}

function relationsOf(
  { schema, graph, nodes }: Evaluation,
  type: string,
  id: string,
  subjects: readonly Subject[],
): readonly string[] {
  const names = new Set(schema.types.get(type)?.relations.keys() ?? [])
  if (schema.open) {
    const kind = graph.kinds.find(type, '', false)
    const node = kind === null ? 0 : graph.findNode(kind.number, id)
    for (let slot = nodes.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) {
      names.add(graph.symbols.name(graph.slotRelation(slot)))
    }
    // A userset is a member of itself, whatever its relation.
    for (const { relation } of subjects) if (relation !== '') names.add(relation)
  }
  return [...names].sort()
}
