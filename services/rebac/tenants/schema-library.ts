import { LRUCache } from 'lru-cache'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { compileSchema } from '../schema/compile-schema.ts'
import { DEFAULT_SCHEMA_VERSION, defaultSchema } from '../schema/default-schema.ts'
import type { Schema } from '../schema/schema.ts'
import type { RelationshipStore, StoredSchema } from '../store/contract.ts'

/** How many compiled schemas are kept beside those of resident tenants. */
const KEPT_SCHEMAS = 500

/** Compiled schemas: each version of a tenant is compiled once. */
export class SchemaLibrary {
  readonly #store: RelationshipStore
  readonly #default = defaultSchema()
  readonly #compiled = new LRUCache<string, Schema>({ max: KEPT_SCHEMAS })

  constructor(store: RelationshipStore) {
    this.#store = store
  }

  /** What a tenant's newest stored schema, or its absence, means. */
  compiled(tenant: string, stored: StoredSchema | null): Schema {
    if (stored === null) return this.#default
    const key = `${tenant}/${stored.version}`
    const known = this.#compiled.get(key)
    if (known !== undefined) return known
    const schema = compileSchema(stored.source, stored.version)
    this.#compiled.set(key, schema)
    return schema
  }

  /**
   * A version of a tenant's schema by its name.
   * @throws NexusError SCHEMA_VERSION_NOT_FOUND
   */
  async version(tenant: string, version: string): Promise<Schema> {
    const known = this.known(tenant, version)
    if (known !== undefined) return known
    const stored = await this.#store.readSchema(tenant, version)
    if (stored === null) {
      throw new NexusError('SCHEMA_VERSION_NOT_FOUND', `The tenant "${tenant}" has no schema version "${version}".`)
    }
    return this.compiled(tenant, stored)
  }

  /** The same, if it needs no query. */
  known(tenant: string, version: string): Schema | undefined {
    if (version === DEFAULT_SCHEMA_VERSION) return this.#default
    return this.#compiled.get(`${tenant}/${version}`)
  }
}
