import { createHash, randomUUID } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { checkColumnConfig } from '../dynamic-viewer/column-config.ts'
import type { NewRelationshipRow, Permissions, RelationshipRow } from '../permissions/contract.ts'
import { DYNAMIC_VIEWER } from './dynamic-viewer-relation.ts'
import type { RelationshipsOptions } from './relationships.ts'
import { refuseServerTree } from './object-name.ts'
import { auditChange, requireOwner } from './ownership.ts'
import { type NewRelationshipFacts, newRow, saysTheSame } from './relationship-row.ts'

/** The relation by which an agent has its owner's rights. Who could store it freely could act as anybody. */
export const INHERITS_FROM = 'inherits_from'

/**
 * Stores a relationship and answers its id; the id of one that says the same already, if there is one.
 * @throws NexusError ACCESS_DENIED unless the caller owns the object, INVALID_PARAMS, and the service's own reasons
 */
export async function createRelationship(
  options: RelationshipsOptions,
  context: CallContext,
  facts: NewRelationshipFacts,
): Promise<string> {
  const { object } = facts
  checkFacts(facts, context.now)
  refuseServerTree(object)
  await requireOwner(options, context, 'rebac_create', object)
  const row = newRow(facts)
  const stored = await storeRow(options.permissions, object.graph, row, context)
  if (stored.changed) {
    const { subject, relation, expiresAt } = row
    const detail = { relation, subject: [subject.type, subject.id, subject.relation], expires_at: expiresAt }
    await auditChange(options, context, 'rebac_create', object, detail)
  }
  return stored.id
}

function checkFacts(
  { relation, object, columnConfig, conditions, expiresAt }: NewRelationshipFacts,
  now: number,
): void {
  if (relation === INHERITS_FROM) {
    throw new NexusError(
      'INVALID_PARAMS',
      `the relation '${INHERITS_FROM}' is set by registering an agent and cannot be stored directly`,
    )
  }
  if (
    columnConfig !== undefined &&
    (relation !== DYNAMIC_VIEWER || object.type !== 'file' || !/\.csv$/i.test(object.id))
  ) {
    throw new NexusError(
      'INVALID_PARAMS',
      `parameter 'column_config' is only for the relation '${DYNAMIC_VIEWER}' on .csv files`,
    )
  }
  if (columnConfig !== undefined) checkColumnConfig(columnConfig)
  if (columnConfig !== undefined && conditions !== undefined) {
    throw new NexusError('INVALID_PARAMS', "parameters 'column_config' and 'conditions' cannot stand together")
  }
  if (columnConfig === undefined && relation === DYNAMIC_VIEWER && object.type === 'file') {
    throw new NexusError(
      'INVALID_PARAMS',
      `the relation '${DYNAMIC_VIEWER}' needs 'column_config': {hidden_columns, aggregations, visible_columns}`,
    )
  }
  if (expiresAt !== null && expiresAt <= now)
    throw new NexusError('INVALID_PARAMS', "parameter 'expires_at' is in the past")
}

async function storeRow(
  permissions: Permissions,
  graph: string,
  row: NewRelationshipRow,
  context: CallContext,
): Promise<{ readonly id: string; readonly changed: boolean }> {
  const { deadline } = context.scope
  for (;;) {
    try {
      const operations = [{ kind: 'create', relationship: row }] as const
      const { written } = await permissions.write({ tenant: graph, operations, idempotencyKey: randomUUID(), deadline })
      return { id: written[0]?.id ?? derivedId(graph, row), changed: written.length > 0 }
    } catch (error) {
      if (!(error instanceof NexusError && error.reason === 'RELATIONSHIP_EXISTS')) throw withoutPosition(error)
    }
    const known = await findRow(permissions, graph, row, deadline)
    // Gone again meanwhile: create it after all.
    if (known === undefined) continue
    if (saysTheSame(known, row)) return { id: known.id, changed: false }
    const operations = [{ kind: 'touch', relationship: row }] as const
    const { written } = await permissions.write({ tenant: graph, operations, idempotencyKey: randomUUID(), deadline })
    return { id: written[0]?.id ?? known.id, changed: true }
  }
}

/** The service names the operation among several; there is one here. */
function withoutPosition(error: unknown): unknown {
  const position = 'operations[0]: '
  if (!(error instanceof NexusError && error.message.startsWith(position))) return error
  return new NexusError(error.reason, error.message.slice(position.length), { cause: error })
}

async function findRow(
  permissions: Permissions,
  graph: string,
  { objectType, objectId, relation, subject }: NewRelationshipRow,
  deadline: number,
): Promise<RelationshipRow | undefined> {
  const rows = await permissions.read({
    tenant: graph,
    deadline,
    filter: {
      objectType,
      objectId,
      relations: [relation],
      subjectTenant: subject.tenant,
      subjectType: subject.type,
      subjectId: subject.id,
      subjectRelation: subject.relation,
    },
  })
  return rows[0]
}

/** What follows from the ids of objects is not stored and has no id; clients want one, so it gets the same each time. */
function derivedId(graph: string, { objectType, objectId, relation, subject }: NewRelationshipRow): string {
  const text = JSON.stringify([graph, objectType, objectId, relation, subject.type, subject.id, subject.relation])
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
