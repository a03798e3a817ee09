import { first, type Script } from '../../../common/sql/script.ts'

// A version that became the newest once more is known by its log entry, while that is kept.
const VERSION_AT = `select version from (
    select schema_version as version, revision from log where tenant = $1 and revision <= $2 and schema_version <> ''
    union all
    select version, revision from schemas where tenant = $1 and revision <= $2
  ) written order by revision desc limit 1`

/** RelationshipStore.schemaVersionAt. */
export function* schemaVersionAt(tenant: string, revision: number): Script<string> {
  return (yield* first<{ version: string }>(VERSION_AT, tenant, revision))?.version ?? ''
}
