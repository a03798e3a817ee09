import { all, first, run, type Script } from '../../../common/sql/script.ts'
import type { Relationship, RelationshipKey } from '../../model/relationship.ts'
import { jsonText, RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'
import type { EncodedEntry, LockedRows, RowChanges, Tables, TenantRow } from '../tables.ts'

const SELECT_TENANT = 'select revision, schema_version as "schemaVersion" from tenants where tenant = $1'

const FIND = `select ${RELATIONSHIP_COLUMNS} from relationships where tenant = $1 and object_type = $2
  and object_id = $3 and relation = $4 and subject_type = $5 and subject_id = $6 and subject_relation = $7
  and subject_tenant = $8`

const INSERT = `insert into relationships (tenant, id, object_type, object_id, relation, subject_tenant, subject_type,
  subject_id, subject_relation, condition_name, condition_context, expires_at, created_at, attributes)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`

const REPLACE = `update relationships set id = $3, condition_name = $4, condition_context = $5, expires_at = $6,
  created_at = $7, attributes = $8 where tenant = $1 and id = $2`

const DELETE = 'delete from relationships where tenant = $1 and id = $2'

const LOG = `insert into log (tenant, revision, kind, schema_version, committed_at, changes)
  values ($1, $2, $3, $4, $5, $6)`

/** SQLite's transaction has locked everything already, and a statement costs microseconds. */
export const sqliteTables: Tables = {
  dialect: 'sqlite',

  *lockTenant(tenant: string, now: number): Script<TenantRow> {
    const row = yield* first<TenantRow>(SELECT_TENANT, tenant)
    if (row !== undefined) return row
    yield* run('insert into tenants (tenant, revision, created_at) values ($1, 0, $2)', tenant, now)
    return { revision: 0, schemaVersion: '' }
  },

  *findByKeys(tenant: string, keys: readonly RelationshipKey[]): Script<readonly Relationship[]> {
    const found: RelationshipRow[] = []
    for (const key of keys) {
      const { objectType, objectId, relation, subjectType, subjectId, subjectRelation, subjectTenant } = key
      found.push(
        ...(yield* all<RelationshipRow>(
          FIND,
          tenant,
          objectType,
          objectId,
          relation,
          subjectType,
          subjectId,
          subjectRelation,
          subjectTenant,
        )),
      )
    }
    return toRelationships(found)
  },

  *lockAndFind(tenant: string, now: number, keys: readonly RelationshipKey[]): Script<LockedRows> {
    const head = yield* sqliteTables.lockTenant(tenant, now)
    return { head, stored: yield* sqliteTables.findByKeys(tenant, keys) }
  },

  *apply(tenant: string, rows: RowChanges, entries: readonly EncodedEntry[]): Script<void> {
    for (const id of rows.deletedIds) yield* run(DELETE, tenant, id)
    for (const { id, by } of rows.replaced) {
      yield* run(
        REPLACE,
        tenant,
        id,
        by.id,
        by.conditionName,
        jsonText(by.conditionContext),
        by.expiresAt,
        by.createdAt,
        jsonText(by.attributes),
      )
    }
    for (const row of rows.inserted) {
      yield* run(
        INSERT,
        tenant,
        row.id,
        row.objectType,
        row.objectId,
        row.relation,
        row.subjectTenant,
        row.subjectType,
        row.subjectId,
        row.subjectRelation,
        row.conditionName,
        jsonText(row.conditionContext),
        row.expiresAt,
        row.createdAt,
        jsonText(row.attributes),
      )
    }
    for (const { revision, kind, schemaVersion, committedAt, changes } of entries) {
      yield* run(LOG, tenant, revision, kind, schemaVersion, committedAt, changes)
    }
    const last = entries.at(-1)
    if (last !== undefined) {
      yield* run('update tenants set revision = $2 where tenant = $1', tenant, last.revision)
    }
  },
}
