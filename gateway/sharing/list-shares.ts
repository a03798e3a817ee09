import type { CallContext } from '../context.ts'
import type { RelationshipRow } from '../permissions/contract.ts'
import { isAboutCaller } from '../relationships/about-caller.ts'
import { denied } from '../relationships/denied.ts'
import { type ObjectName, storedObject } from '../relationships/object-name.ts'
import { administers } from '../relationships/rights.ts'
import { SHARE_RELATIONS } from './levels.ts'
import type { SharesOptions } from './shares.ts'

/** A share, and the tenant that what is shared belongs to. */
export interface FoundShare {
  readonly tenant: string
  readonly row: RelationshipRow
}

/** What is shared of the objects that the caller owns, the newest first; an administrator sees the tenant's. */
export async function listOutgoing(
  options: SharesOptions,
  context: CallContext,
  tenant: string,
  object: ObjectName | null,
): Promise<readonly FoundShare[]> {
  const graph = object?.graph ?? tenant
  if (graph !== context.caller.tenant && !context.caller.isGlobalAdmin) return []
  const rows = await options.permissions.read({
    tenant: graph,
    filter: {
      relations: SHARE_RELATIONS,
      ...(object === null ? {} : { objectType: object.type, objectId: object.id }),
    },
    deadline: context.scope.deadline,
  })
  const owned = administers(context.caller, graph) ? rows : await ownedOf(options, context, graph, rows)
  return newestFirst(owned.map((row) => ({ tenant: graph, row })))
}

async function ownedOf(
  options: SharesOptions,
  context: CallContext,
  graph: string,
  rows: readonly RelationshipRow[],
): Promise<readonly RelationshipRow[]> {
  // No name contains U+0000.
  const keyOf = ({ objectType, objectId }: RelationshipRow) => `${objectType}\u0000${objectId}`
  const objects = new Map(rows.map((row) => [keyOf(row), storedObject(row, graph)]))
  const answers = await options.rights.owns(context, [...objects.values()])
  const owned = new Set([...objects.keys()].filter((_, index) => answers[index] === true))
  return rows.filter((row) => owned.has(keyOf(row)))
}

/**
 * What is shared with somebody, by the own tenant and by others, the newest first. What a group is given is not listed.
 * @throws NexusError ACCESS_DENIED unless it is the caller, one of the caller's agents, or the caller administers
 */
export async function listIncoming(
  options: SharesOptions,
  context: CallContext,
  recipient: { readonly type: string; readonly id: string },
): Promise<readonly FoundShare[]> {
  const { caller, scope } = context
  const { tenant } = caller
  const subject = { tenant: '', relation: '', ...recipient }
  if (!isAboutCaller(caller, subject) && !administers(caller, tenant)) {
    throw denied(options.auditor, context, 'list_incoming_shares', {
      ...recipient,
      written: recipient.id,
      graph: tenant,
    })
  }
  const filter = {
    relations: SHARE_RELATIONS,
    subjectTenant: '',
    subjectType: recipient.type,
    subjectId: recipient.id,
    subjectRelation: '',
  }
  const [own, foreign] = await Promise.all([
    options.permissions.read({ tenant, filter, deadline: scope.deadline }),
    options.incoming(tenant, recipient, scope.deadline),
  ])
  return newestFirst([...own.map((row) => ({ tenant, row })), ...foreign])
}

/** Ids are made in the order of time. */
function newestFirst(shares: readonly FoundShare[]): readonly FoundShare[] {
  return shares.toSorted((a, b) => b.row.createdAt - a.row.createdAt || (a.row.id < b.row.id ? 1 : -1))
}
