import { first, run, type Script } from '../../../common/sql/script.ts'
import type { WriteSchemaRequest } from '../contract.ts'
import { NO_ROW_CHANGES, type Tables } from '../tables.ts'
import { requireChecked } from './require-checked.ts'
import { schemaChanged } from './write-batch.ts'

/** RelationshipStore.writeSchema as a transaction. */
export function writeSchemaCommand(tables: Tables) {
  return function* writeSchema(request: WriteSchemaRequest): Script<{ readonly revision: number }> {
    const { tenant, version, source, expectedVersion, checked, now } = request
    const { revision, schemaVersion } = yield* tables.lockTenant(tenant, now)
    if (expectedVersion !== null && expectedVersion !== schemaVersion) throw schemaChanged(tenant)
    if (checked !== null) yield* requireChecked(tenant, checked, revision)
    const hierarchies = JSON.stringify(source.hierarchies)
    const known = yield* first<{ format: string; model: string; hierarchies: string }>(
      'select format, model, hierarchies from schemas where tenant = $1 and version = $2',
      tenant,
      version,
    )
    if (known === undefined) {
      yield* run(
        `insert into schemas (tenant, version, format, model, hierarchies, revision, created_at)
           values ($1, $2, $3, $4, $5, $6, $7)`,
        tenant,
        version,
        source.format,
        source.model,
        hierarchies,
        revision + 1,
        now,
      )
    } else if (known.format !== source.format || known.model !== source.model || known.hierarchies !== hierarchies) {
      throw new Error(`schema version ${version} of tenant ${tenant} is stored with another source`)
    } else if (version === schemaVersion) {
      return { revision }
    }
    yield* run('update tenants set schema_version = $2 where tenant = $1', tenant, version)
    const entry = {
      revision: revision + 1,
      kind: 'schema',
      changes: '[]',
      schemaVersion: version,
      committedAt: now,
    } as const
    yield* tables.apply(tenant, NO_ROW_CHANGES, [entry])
    return { revision: revision + 1 }
  }
}
