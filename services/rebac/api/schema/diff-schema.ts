import { NexusError } from '../../../common/errors/nexus-error.ts'
import {
  type DiffSchemaRequest,
  type DiffSchemaResponse,
  SchemaChange_Kind as Kind,
} from '../../../common/gen/nexus/rebac/v1/schema.ts'
import { withDeadline } from '../../../common/grpc/deadline.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { compileSchema } from '../../schema/compile-schema.ts'
import { diffSchemas, type SchemaDifference } from '../../schema/diff-schemas.ts'
import type { Schema } from '../../schema/schema.ts'
import { FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseTenant } from '../parse/tenant.ts'
import { presentRelationship } from '../present/relationship.ts'
import { findStranded } from './stranded.ts'
import { parseSource } from './write-schema.ts'

/** DiffSchema: what differs between two schemas, and which stored relationships would have no effect under the second. */
export function diffSchemaHandler(api: ApiContext) {
  return async (request: DiffSchemaRequest, call: CallContext<Caller>): Promise<DiffSchemaResponse> => {
    const tenant = parseTenant(request.tenant)
    requireTenant(call.caller, tenant)
    const newest = (await api.tenants.state(tenant, FULLY_CONSISTENT, call.deadline)).schema
    const versionOf = (version: string) => (version === '' ? newest : api.tenants.schemas.version(tenant, version))
    const from = await versionOf(request.fromVersion)
    const to = await secondSchema(request, versionOf)

    const changes = diffSchemas(from, to).map((change) => ({ ...change, kind: kinds[change.kind] }))
    // As WriteSchema has it: an open schema accepts whatever is stored.
    if (to.open) return { changes, strandedCount: 0, stranded: [] }
    const { count, first } = await withDeadline(findStranded(api.store, tenant, to), call.deadline)
    return { changes, strandedCount: count, stranded: first.map(presentRelationship) }
  }
}

async function secondSchema(
  { to }: DiffSchemaRequest,
  versionOf: (version: string) => Schema | Promise<Schema>,
): Promise<Schema> {
  if (to === undefined) throw new NexusError('INVALID_REQUEST', 'to_version or candidate must be set.')
  return to.$case === 'toVersion' ? versionOf(to.value) : compileSchema(parseSource(to.value), 'candidate')
}

const kinds: Readonly<Record<SchemaDifference['kind'], Kind>> = {
  added: Kind.KIND_ADDED,
  removed: Kind.KIND_REMOVED,
  changed: Kind.KIND_CHANGED,
}
