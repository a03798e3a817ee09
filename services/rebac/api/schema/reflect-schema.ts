import { NexusError } from '../../../common/errors/nexus-error.ts'
import type {
  ReflectedRelation,
  ReflectedType,
  ReflectSchemaRequest,
  ReflectSchemaResponse,
} from '../../../common/gen/nexus/rebac/v1/schema.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { holdsDirect } from '../../schema/check-rules.ts'
import { ReachableSubjects } from '../../schema/reachable-subjects.ts'
import type { RelationDefinition, Schema, TypeDefinition } from '../../schema/schema.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { MAX_REACHABLE_SUBJECTS } from '../limits.ts'
import { parseConsistency } from '../parse/consistency.ts'
import { parseTenant } from '../parse/tenant.ts'

/** ReflectSchema: what a schema says, compiled, and who can reach what. */
export function reflectSchemaHandler(api: ApiContext) {
  return async (request: ReflectSchemaRequest, call: CallContext<Caller>): Promise<ReflectSchemaResponse> => {
    const tenant = parseTenant(request.tenant)
    requireTenant(call.caller, tenant)
    const freshness = parseConsistency(request.consistency, tenant, api.tokens)

    const view = await api.tenants.state(tenant, freshness, call.deadline)
    const token = api.tokens.token(tenant, view.revision)
    const { schemaVersion } = request
    const schema = schemaVersion === '' ? view.schema : await api.tenants.schemas.version(tenant, schemaVersion)
    const types = presentTypes(schema, typesOf(schema, request.objectTypes))

    return {
      schemaVersion: schema.version,
      open: schema.open,
      types,
      conditions: Array.from(schema.conditions.values(), ({ name, parameters, expression }) => {
        return { name, parameters: [...parameters], expression }
      }),
      hierarchies: schema.source.hierarchies.map(({ type, relation, separator }) => ({ type, relation, separator })),
      token,
    }
  }
}

/** @throws NexusError UNKNOWN_TYPE */
function typesOf(schema: Schema, names: readonly string[]): TypeDefinition[] {
  if (names.length === 0) return Array.from(schema.types.values())
  return names.map((name) => {
    const type = schema.types.get(name)
    if (type === undefined)
      throw new NexusError('UNKNOWN_TYPE', `The schema has no type ${JSON.stringify(name.slice(0, 80))}.`)
    return type
  })
}

/** @throws NexusError NODE_BUDGET_EXCEEDED if that would be more than a client takes */
function presentTypes(schema: Schema, types: readonly TypeDefinition[]): ReflectedType[] {
  const reachable = new ReachableSubjects(schema)
  let count = 0
  return types.map(({ name: type, relations, hierarchy }) => {
    const present = (relation: RelationDefinition): ReflectedRelation => {
      const { subjects, any } = reachable.of(type, relation.name)
      count += subjects.length
      if (count > MAX_REACHABLE_SUBJECTS) {
        throw new NexusError('NODE_BUDGET_EXCEEDED', 'The schema is too large for one answer; name some object_types.')
      }
      return {
        ...presentRelation(relation),
        derived: hierarchy?.relation === relation.name,
        reachableBy: subjects.map((subject) => ({ ...subject, condition: '' })),
        reachableByAny: any,
      }
    }
    return { name: type, relations: Array.from(relations.values(), present) }
  })
}

function presentRelation({ name, rewrite, directTypes }: RelationDefinition) {
  const isDirect = holdsDirect(rewrite)
  return {
    name,
    direct: isDirect,
    computed: rewrite.kind !== 'direct',
    acceptsAny: isDirect && directTypes === 'any',
    directTypes:
      directTypes === 'any'
        ? []
        : directTypes.map(({ type, form, relation, condition }) => {
            return { type, relation, wildcard: form === 'wildcard', condition }
          }),
  }
}
