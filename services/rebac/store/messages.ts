import type { RelationshipChange } from '../model/relationship.ts'
import type { NewRelationship, Operation, WriteRequest, WriteResult } from './contract.ts'
import { decodeChanges, decodeRows } from './images.ts'

/**
 * What travels to a command and back. On SQLite that is to another thread, where a few long strings are cloned three
 * times as fast as a few thousand small objects.
 */
export type WriteMessage = Omit<WriteRequest, 'operations'> & { readonly operations: string }

export interface ResultMessage {
  readonly revision: number
  /** As in the log. */
  readonly changes: string
  /** Rows; null: those that the changes left, in their order. */
  readonly written: string | null
  readonly deletedCount: number
}

export function toWriteMessage(request: WriteRequest): WriteMessage {
  return { ...request, operations: JSON.stringify(request.operations.map(toTuple)) }
}

export function readOperations({ operations }: WriteMessage): readonly Operation[] {
  return (JSON.parse(operations) as readonly OperationTuple[]).map(fromTuple)
}

export function fromResultMessage({ revision, changes: text, written, deletedCount }: ResultMessage): WriteResult {
  const changes = text === '[]' ? [] : decodeChanges(text)
  return { revision, changes, written: written === null ? left(changes) : decodeRows(written), deletedCount }
}

function left(changes: readonly RelationshipChange[]): WriteResult['written'] {
  return changes.map(({ after }) => after).filter((after) => after !== null)
}

type KeyFields = readonly [string, string, string, string, string, string, string]
type ValueFields = readonly [
  NewRelationship['conditionName'],
  NewRelationship['conditionContext'],
  NewRelationship['expiresAt'],
  NewRelationship['attributes'],
]
type OperationTuple =
  | readonly ['create' | 'touch', KeyFields, ValueFields]
  | readonly ['delete' | 'deleteIfExists', KeyFields]

function toTuple(operation: Operation): OperationTuple {
  const of = 'key' in operation ? operation.key : operation.relationship
  const key = [
    of.objectType,
    of.objectId,
    of.relation,
    of.subjectTenant,
    of.subjectType,
    of.subjectId,
    of.subjectRelation,
  ] as const
  if ('key' in operation) return [operation.kind, key]
  const { conditionName, conditionContext, expiresAt, attributes } = operation.relationship
  return [operation.kind, key, [conditionName, conditionContext, expiresAt, attributes]]
}

function fromTuple([kind, fields, values]: OperationTuple): Operation {
  const [objectType, objectId, relation, subjectTenant, subjectType, subjectId, subjectRelation] = fields
  const key = { objectType, objectId, relation, subjectTenant, subjectType, subjectId, subjectRelation }
  if (kind === 'delete' || kind === 'deleteIfExists' || values === undefined) return { kind, key } as Operation
  const [conditionName, conditionContext, expiresAt, attributes] = values
  return { kind, relationship: { ...key, conditionName, conditionContext, expiresAt, attributes } }
}
