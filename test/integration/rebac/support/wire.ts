import {
  type CheckBulkItem,
  CheckBulkRequest,
  CheckRequest,
} from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import type {
  ObjectRef,
  Relationship,
  RelationshipFilter,
  Subject,
} from '../../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import type { RelationshipOperation } from '../../../../services/common/gen/nexus/rebac/v1/write.ts'

/** A message with its default values, but for the given ones. */
export function message<T extends object>(type: { decode(bytes: Uint8Array): T }, fields: Partial<T>): T {
  return { ...type.decode(new Uint8Array()), ...fields }
}

/** file:/a */
export function object(text: string): ObjectRef {
  const colon = text.indexOf(':')
  return { type: text.slice(0, colon), id: text.slice(colon + 1) }
}

/** user:alice, user:*, group:g#member, tenant/user:bob; "*" is any subject. */
export function subject(text: string): Subject {
  if (text === '*') return { tenant: '', kind: { $case: 'any', value: {} } }
  const [, tenant = '', rest = ''] = /^(?:([a-z0-9_-]+)\/(?=[a-z]+:))?(.*)$/.exec(text) ?? []
  const { type, id: whole } = object(rest)
  const [id = '', relation] = whole.split('#')
  if (relation !== undefined) return { tenant, kind: { $case: 'userset', value: { type, id, relation } } }
  if (id === '*') return { tenant, kind: { $case: 'wildcard', value: { type } } }
  return { tenant, kind: { $case: 'object', value: { type, id } } }
}

/** file:/a#direct_owner@user:alice */
export function relationship(text: string, fields: Partial<Relationship> = {}): Relationship {
  const [, objectText = '', relation = '', subjectText = ''] = /^([^#]+)#([^@]+)@(.+)$/.exec(text) ?? []
  const base = { id: '', condition: undefined, expiresAt: undefined, createdAt: undefined, attributes: undefined }
  return { ...base, object: object(objectText), relation, subject: subject(subjectText), ...fields }
}

type OperationKind = 'create' | 'touch' | 'delete' | 'deleteIfExists'

export function operation(
  kind: OperationKind,
  text: string,
  fields: Partial<Relationship> = {},
): RelationshipOperation {
  return { operation: { $case: kind, value: relationship(text, fields) } }
}

/** "user:alice read file:/a" */
export function checkRequest(text: string, fields: Partial<CheckRequest> = {}): CheckRequest {
  const { relation, ...rest } = question(text)
  return message(CheckRequest, { tenant: 'acme', relation, ...rest, ...fields })
}

export function bulkRequest(texts: readonly string[], fields: Partial<CheckBulkRequest> = {}): CheckBulkRequest {
  return message(CheckBulkRequest, { tenant: 'acme', items: texts.map(question), ...fields })
}

export function question(text: string): CheckBulkItem {
  const [subjectText = '', relation = '', objectText = ''] = text.split(' ')
  return { object: object(objectText), relation, subject: subject(subjectText) }
}

export function filter(fields: Partial<RelationshipFilter> = {}): RelationshipFilter {
  return { ids: [], objectType: '', objectId: '', objectIdPrefix: '', relations: [], subject: undefined, ...fields }
}
