import type { CallContext } from '../context.ts'
import { SERVER_TREE } from '../files/paths.ts'
import type { RelationshipRow, RelationshipRowFilter } from '../permissions/contract.ts'
import { isAboutCaller } from './about-caller.ts'
import { storedObject } from './object-name.ts'
import type { RelationshipsOptions } from './relationships.ts'
import { administers } from './rights.ts'

/**
 * The relationships that match and that the caller may see: those about the caller and the caller's agents, those on
 * objects that the caller owns; an administrator sees all of the graph. Never refuses. In the order of their creation.
 */
export async function listRelationships(
  options: RelationshipsOptions,
  context: CallContext,
  graph: string,
  filter: RelationshipRowFilter,
): Promise<readonly RelationshipRow[]> {
  const { caller, scope } = context
  // No relationship stands in the server-wide tree.
  if (graph === SERVER_TREE || (graph !== caller.tenant && !caller.isGlobalAdmin)) return []
  const rows = await options.permissions.read({ tenant: graph, filter, deadline: scope.deadline })
  const visible = administers(caller, graph) ? rows : await visibleRows(options, context, rows)
  return visible.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
}

async function visibleRows(
  options: RelationshipsOptions,
  context: CallContext,
  rows: readonly RelationshipRow[],
): Promise<readonly RelationshipRow[]> {
  const { caller } = context
  const others = rows.filter((row) => !isAboutCaller(caller, row.subject))
  const objects = new Map(others.map((row) => [objectKey(row), storedObject(row, caller.tenant)] as const))
  const owned = await options.rights.owns(context, [...objects.values()])
  const ownedKeys = new Set([...objects.keys()].filter((_, index) => owned[index] === true))
  return rows.filter((row) => isAboutCaller(caller, row.subject) || ownedKeys.has(objectKey(row)))
}

/** No name contains U+0000. */
function objectKey(row: RelationshipRow): string {
  return `${row.objectType}\u0000${row.objectId}`
}
