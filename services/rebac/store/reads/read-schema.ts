import { first, type Script } from '../../../common/sql/script.ts'
import type { Hierarchy, SchemaFormat } from '../../schema/schema.ts'
import type { StoredSchema } from '../contract.ts'

interface SchemaRow {
  readonly version: string
  readonly format: SchemaFormat
  readonly model: string
  readonly hierarchies: string
  readonly revision: number
  readonly createdAt: number
}

const COLUMNS = 's.version, s.format, s.model, s.hierarchies, s.revision, s.created_at as "createdAt"'

/** RelationshipStore.readSchema; version '' is the newest. */
export function* readSchema(tenant: string, version: string): Script<StoredSchema | null> {
  const row =
    version === ''
      ? yield* first<SchemaRow>(
          `select ${COLUMNS} from tenants t join schemas s on s.tenant = t.tenant and s.version = t.schema_version
             where t.tenant = $1`,
          tenant,
        )
      : yield* first<SchemaRow>(
          `select ${COLUMNS} from schemas s where s.tenant = $1 and s.version = $2`,
          tenant,
          version,
        )
  if (row === undefined) return null
  const { format, model, revision, createdAt } = row
  const hierarchies = JSON.parse(row.hierarchies) as Hierarchy[]
  return { version: row.version, source: { format, model, hierarchies }, revision, createdAt }
}
