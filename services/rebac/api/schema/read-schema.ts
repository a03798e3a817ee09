import type { ReadSchemaRequest, ReadSchemaResponse } from '../../../common/gen/nexus/rebac/v1/schema.ts'
import { withDeadline } from '../../../common/grpc/deadline.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { DEFAULT_SCHEMA_VERSION } from '../../schema/default-schema.ts'
import type { Schema } from '../../schema/schema.ts'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseConsistency } from '../parse/consistency.ts'
import { parseTenant } from '../parse/tenant.ts'
import { wireFormats } from './schema-formats.ts'

/** ReadSchema: the newest schema of a tenant, or a version of it, as it was written. */
export function readSchemaHandler(api: ApiContext) {
  return async (request: ReadSchemaRequest, call: CallContext<Caller>): Promise<ReadSchemaResponse> => {
    const tenant = parseTenant(request.tenant)
    requireTenant(call.caller, tenant)
    const freshness = parseConsistency(request.consistency, tenant, api.tokens)

    const view = await api.tenants.state(tenant, freshness, call.deadline)
    const token = api.tokens.token(tenant, view.revision)
    const version = request.schemaVersion === '' ? view.schemaVersion : request.schemaVersion
    if (version === '' || version === DEFAULT_SCHEMA_VERSION) {
      const builtIn = await api.tenants.schemas.version(tenant, DEFAULT_SCHEMA_VERSION)
      return { ...presentSource(builtIn), createdAt: undefined, token, isDefault: true }
    }
    const stored = await withDeadline(api.store.readSchema(tenant, version), call.deadline)
    if (stored === null)
      throw new NexusError('SCHEMA_VERSION_NOT_FOUND', `The tenant has no schema version "${version}".`)
    return { ...presentSource(stored), createdAt: new Date(stored.createdAt), token, isDefault: false }
  }
}

function presentSource({ version, source }: Pick<Schema, 'version' | 'source'>) {
  return {
    schemaVersion: version,
    format: wireFormats[source.format],
    model: source.model,
    hierarchies: source.hierarchies.map(({ type, relation, separator }) => ({ type, relation, separator })),
  }
}
