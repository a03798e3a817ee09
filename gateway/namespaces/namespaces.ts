import { v7 as uuidv7 } from 'uuid'
import { parse } from 'yaml'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { JsonObject, JsonValue } from '../../services/common/json.ts'
import { actorName, type CallContext } from '../context.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { Insight, SchemaText } from '../permissions/insight.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { timesOf } from './commands.ts'
import { isObject, lostRelations, type Namespace, type NamespaceConfigs, namespaceIdOf } from './namespace.ts'

/** Types that the server itself relies on. */
const NEEDED: ReadonlySet<string> = new Set(['agent', 'file', 'group'])

/** The namespaces of a tenant. They are one schema of the permission service, which changes as a whole. */
export interface Namespaces {
  /** Sorted by type. @throws NexusError INVALID_PARAMS if the tenant's schema is not made of namespaces */
  list(context: CallContext): Promise<readonly Namespace[]>
  find(context: CallContext, objectType: string): Promise<Namespace | null>
  /**
   * Makes or replaces one.
   * @throws NexusError ACCESS_DENIED unless the caller administers the tenant, INVALID_SCHEMA naming every problem,
   * SCHEMA_STRANDS_RELATIONSHIPS if stored relationships would have no effect any more
   */
  put(context: CallContext, objectType: string, config: JsonObject): Promise<void>
  /** Removes one; false if there is none. @throws NexusError as put */
  delete(context: CallContext, objectType: string): Promise<boolean>
}

export interface NamespacesOptions {
  readonly db: GatewayDatabase
  readonly permissions: Permissions
  readonly insight: Insight
}

export function createNamespaces(options: NamespacesOptions): Namespaces {
  const { db, insight } = options

  async function list({ caller, scope }: CallContext): Promise<readonly Namespace[]> {
    const { tenant } = caller
    const [schema, times] = await Promise.all([
      insight.readSchema(tenant, scope.deadline),
      db.read(() => timesOf(tenant), { deadline: scope.deadline }),
    ])
    const wholeAt = schema.createdAt ?? 0
    return Object.entries(configsOf(schema))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([objectType, config]) => {
        const { createdAt = wholeAt, updatedAt = wholeAt } = times.get(objectType) ?? {}
        return { namespaceId: namespaceIdOf(tenant, objectType), objectType, config, createdAt, updatedAt }
      })
  }

  /** Reads, changes and writes, again if somebody else was faster. `change` answers null where nothing is to be done. */
  async function change(
    context: CallContext,
    action: string,
    objectType: string,
    next: (configs: NamespaceConfigs) => NamespaceConfigs | null,
  ): Promise<boolean> {
    const { caller, scope } = context
    const { tenant } = caller
    if (!caller.isAdmin) throw new NexusError('ACCESS_DENIED', 'Admin privileges required to change namespaces')
    for (;;) {
      const schema = await insight.readSchema(tenant, scope.deadline)
      const before = configsOf(schema)
      const after = next(before)
      if (after === null) return false
      await requireNothingStranded(options, context, objectType, before[objectType], after[objectType])
      try {
        await insight.writeSchema({
          tenant,
          schema: { format: 'namespaces', model: JSON.stringify(after), hierarchies: schema.hierarchies },
          expectedVersion: schema.version,
          deadline: scope.deadline,
        })
        break
      } catch (error) {
        const raced = error instanceof NexusError && error.reason === 'SCHEMA_CHANGED'
        if (!raced || Date.now() >= scope.deadline) throw error
      }
    }
    const audit = {
      tenant,
      entryId: uuidv7(),
      at: context.now,
      actor: actorName(caller),
      keyId: caller.keyId,
      requestId: context.requestId,
      action,
      path: `namespace:${objectType}`,
      outcome: 'ok' as const,
      detail: null,
    }
    const noted = { tenant, objectType, at: context.now, deleted: action === 'namespace_delete', audit }
    await db.write('noteNamespace', noted, { deadline: scope.deadline })
    return true
  }

  return {
    list,
    find: async (context, objectType) =>
      (await list(context)).find((namespace) => namespace.objectType === objectType) ?? null,
    async put(context, objectType, config) {
      await change(context, 'namespace_create', objectType, (configs) => ({ ...configs, [objectType]: config }))
    },
    delete(context, objectType) {
      return change(context, 'namespace_delete', objectType, (configs) => {
        if (!Object.hasOwn(configs, objectType)) return null
        if (NEEDED.has(objectType)) {
          throw new NexusError(
            'INVALID_PARAMS',
            `the namespace '${objectType}' is needed by the server: it can be changed, not deleted`,
          )
        }
        return Object.fromEntries(Object.entries(configs).filter(([type]) => type !== objectType))
      })
    },
  }
}

/** @throws NexusError INVALID_PARAMS if a model was written in the modelling language */
function configsOf({ format, model }: SchemaText): NamespaceConfigs {
  if (format !== 'namespaces') {
    throw new NexusError(
      'INVALID_PARAMS',
      "this tenant's schema is written in the modelling language, not in namespaces: read and change it as a whole, by the permission service's WriteSchema",
    )
  }
  const value = parse(model) as JsonValue
  if (!isObject(value)) throw new Error('the schema holds no namespaces')
  return Object.fromEntries(Object.entries(value).map(([type, config]) => [type, isObject(config) ? config : {}]))
}

/** What is stored about a type must keep its effect. */
async function requireNothingStranded(
  { permissions }: NamespacesOptions,
  { caller, scope }: CallContext,
  objectType: string,
  before: JsonObject | undefined,
  after: JsonObject | undefined,
): Promise<void> {
  const lost = lostRelations(before, after)
  if (lost.length === 0) return
  const stored = await permissions.read({
    tenant: caller.tenant,
    filter: { objectType, relations: lost },
    deadline: scope.deadline,
  })
  const [one] = stored
  if (one === undefined) return
  throw new NexusError(
    'SCHEMA_STRANDS_RELATIONSHIPS',
    `${stored.length} stored relationships would lose their effect, such as ${one.relation} on ${one.objectType}:${one.objectId}; delete them first`,
    { data: { total: stored.length, relations: [...new Set(stored.map(({ relation }) => relation))] } },
  )
}
