import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { WriteSchemaRequest, WriteSchemaResponse } from '../../../common/gen/nexus/rebac/v1/schema.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { MAX_MODEL_BYTES } from '../../model/limits.ts'
import { compileSchema } from '../../schema/compile-schema.ts'
import { DEFAULT_SCHEMA_VERSION } from '../../schema/default-schema.ts'
import type { SchemaSource } from '../../schema/schema.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireWrite } from '../authenticator.ts'
import { parseTenant } from '../parse/tenant.ts'
import { installSchema } from './install-schema.ts'
import { formatsByWire } from './schema-formats.ts'

/** WriteSchema: makes a schema the newest, unless it would strand what is stored. */
export function writeSchemaHandler(api: ApiContext) {
  return async (request: WriteSchemaRequest, call: CallContext<Caller>): Promise<WriteSchemaResponse> => {
    const tenant = parseTenant(request.tenant)
    requireWrite(call.caller, tenant)
    const source = parseSource(request)
    const schema = compileSchema(source, uuidv7())

    const { expectedSchemaVersion: expected, force } = request
    const expectedVersion = expected === '' ? null : expected === DEFAULT_SCHEMA_VERSION ? '' : expected
    const revision = await installSchema(api, { tenant, schema, expectedVersion, force, deadline: call.deadline })

    return { schemaVersion: schema.version, token: api.tokens.token(tenant, revision), revision }
  }
}

/** @throws NexusError INVALID_REQUEST */
export function parseSource({
  format,
  model,
  hierarchies,
}: Pick<WriteSchemaRequest, 'format' | 'model' | 'hierarchies'>): SchemaSource {
  const known = formatsByWire.get(format)
  if (known === undefined) throw new NexusError('INVALID_REQUEST', 'format must be DSL, JSON or NAMESPACES.')
  if (model === '') throw new NexusError('INVALID_REQUEST', 'model is empty.')
  const bytes = Buffer.byteLength(model)
  if (bytes > MAX_MODEL_BYTES) {
    throw new NexusError('INVALID_SCHEMA', `model has ${bytes} bytes; at most ${MAX_MODEL_BYTES} are allowed.`)
  }
  if (!model.isWellFormed() || model.includes('\u0000')) {
    throw new NexusError('INVALID_SCHEMA', 'model contains a character that cannot be stored.')
  }
  return {
    format: known,
    model,
    hierarchies: hierarchies.map(({ type, relation, separator }) => ({ type, relation, separator })),
  }
}
