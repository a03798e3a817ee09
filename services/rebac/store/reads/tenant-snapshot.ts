import type { Dialect } from '../../../common/sql/dialect.ts'
import { first, run, type Script } from '../../../common/sql/script.ts'
import type { TenantSnapshot } from '../contract.ts'
import { fetchParts } from './fetch-parts.ts'
import { readLog } from './read-log.ts'
import { readRelationships } from './read-relationships.ts'
import { readSchema } from './read-schema.ts'
import { schemaVersionAt } from './schema-version-at.ts'

const HEAD = 'select revision, schema_version as "schemaVersion" from tenants where tenant = $1'

/** What RelationshipStore.readSnapshot hands to its work; to be used in the script that it was made in. */
export function* openTenantSnapshot(dialect: Dialect, tenant: string): Script<TenantSnapshot> {
  const head = yield* first<Pick<TenantSnapshot, 'revision' | 'schemaVersion'>>(HEAD, tenant)
  const { revision, schemaVersion } = head ?? { revision: 0, schemaVersion: '' }
  return {
    tenant,
    revision,
    schemaVersion,
    parts: (parts, limits) => fetchParts(dialect, tenant, parts, limits),
    schema: (version) => readSchema(tenant, version),
    schemaVersionAt: (earlier) => schemaVersionAt(tenant, earlier),
    log: (after, limit) => readLog(tenant, after, limit),
    relationships: (request) => readRelationships(dialect, { tenant, ...request }),
    pause: () => run('select 1 as one'),
  }
}
