import type { Relationship } from '../model/relationship.ts'
import type { TenantGraph } from './tenant-graph.ts'

/** Every field that is set must match; the same as the filter of the store. */
export interface GraphFilter {
  readonly ids?: readonly string[]
  readonly objectType?: string
  readonly objectId?: string
  readonly objectIdPrefix?: string
  readonly relations?: readonly string[]
  readonly subjectTenant?: string
  readonly subjectType?: string
  readonly subjectId?: string
  readonly subjectIdPrefix?: string
  readonly subjectRelation?: string
}

/** Selects relationships, starting from the object or the subject where the filter names one. */
export function findRelationships(
  graph: TenantGraph,
  filter: GraphFilter,
  afterId: string,
  limit: number,
): readonly Relationship[] {
  const found: Relationship[] = []
  for (const relationship of candidates(graph, filter)) {
    if (relationship.id > afterId && matchesFilter(relationship, filter)) found.push(relationship)
  }
  found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return found.slice(0, limit)
}

/** Whether a relationship matches a filter. */
export function matchesFilter(relationship: Relationship, filter: GraphFilter): boolean {
  return (
    (filter.ids === undefined || filter.ids.includes(relationship.id)) &&
    (filter.objectType === undefined || filter.objectType === relationship.objectType) &&
    (filter.objectId === undefined || filter.objectId === relationship.objectId) &&
    (filter.objectIdPrefix === undefined || relationship.objectId.startsWith(filter.objectIdPrefix)) &&
    (filter.relations === undefined || filter.relations.includes(relationship.relation)) &&
    (filter.subjectTenant === undefined || filter.subjectTenant === relationship.subjectTenant) &&
    (filter.subjectType === undefined || filter.subjectType === relationship.subjectType) &&
    (filter.subjectId === undefined || filter.subjectId === relationship.subjectId) &&
    (filter.subjectIdPrefix === undefined || relationship.subjectId.startsWith(filter.subjectIdPrefix)) &&
    (filter.subjectRelation === undefined || filter.subjectRelation === relationship.subjectRelation)
  )
}

function candidates(graph: TenantGraph, filter: GraphFilter): Iterable<Relationship> {
  const { objectType, objectId, subjectType, subjectId } = filter
  if (objectType !== undefined && objectId !== undefined) {
    const kind = graph.kinds.find(objectType, '', false)
    return kind === null ? [] : ofObject(graph, graph.findNode(kind.number, objectId))
  }
  if (subjectType !== undefined && subjectId !== undefined && filter.subjectTenant !== undefined) {
    const kind = graph.kinds.find(subjectType, filter.subjectTenant, subjectId === '*')
    return kind === null ? [] : ofSubject(graph, graph.findNode(kind.number, subjectId))
  }
  return graph.all()
}

function* ofObject(graph: TenantGraph, node: number): Generator<Relationship> {
  if (node === 0) return
  for (let slot = graph.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) {
    for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge))
      yield graph.relationship(edge)
    for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge))
      yield graph.relationship(edge)
  }
}

function* ofSubject(graph: TenantGraph, node: number): Generator<Relationship> {
  if (node === 0) return
  const self = graph.findSlot(node, 0)
  if (self !== 0) yield* ofSlot(graph, self)
  for (let slot = graph.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) yield* ofSlot(graph, slot)
}

function* ofSlot(graph: TenantGraph, slot: number): Generator<Relationship> {
  for (let edge = graph.firstReverse(slot); edge !== 0; edge = graph.nextReverse(edge)) yield graph.relationship(edge)
}
