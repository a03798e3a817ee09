import { all, atOnce, first, run, type Script } from '../../../common/sql/script.ts'
import type { Relationship, RelationshipKey } from '../../model/relationship.ts'
import { jsonText, RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'
import type { EncodedEntry, LockedRows, RowChanges, Tables, TenantRow } from '../tables.ts'

const LOCK_TENANT = 'select revision, schema_version as "schemaVersion" from tenants where tenant = $1 for update'

// "offset 0" keeps a lookup a lookup: an index is asked for each key, however wrong the statistics of a table are that
// has just grown. A join would then look through the whole tenant for each key.
const FIND = `select x.*
  from json_to_recordset($2::json) as k (t text, o text, r text, st text, si text, sr text, sn text)
  cross join lateral (
    select ${RELATIONSHIP_COLUMNS} from relationships where tenant = $1 and object_type = k.t and object_id = k.o
      and relation = k.r and subject_type = k.st and subject_id = k.si and subject_relation = k.sr
      and subject_tenant = k.sn offset 0
  ) x`

/** Rows, log and revision in one round trip. The three sets of rows are disjoint, so their order does not matter. */
const APPLY = `with deleted as (
    delete from relationships where tenant = $1
      and id = any (array(select value from json_array_elements_text($2::json) as list(value)))
  ), replaced as (
    update relationships x set id = r.id, condition_name = r.cn, condition_context = r.cc, expires_at = r.ex,
      created_at = r.ca, attributes = r.at
    from json_to_recordset($3::json) as r (old text, id text, cn text, cc text, ex bigint, ca bigint, at text)
    cross join lateral (select ctid from relationships where tenant = $1 and id = r.old offset 0) found
    where x.ctid = found.ctid
  ), inserted as (
    insert into relationships (tenant, id, object_type, object_id, relation, subject_tenant, subject_type, subject_id,
      subject_relation, condition_name, condition_context, expires_at, created_at, attributes)
    select $1, r.* from json_to_recordset($4::json) as r (id text, t text, o text, r text, sn text, st text, si text,
      sr text, cn text, cc text, ex bigint, ca bigint, at text)
  ), logged as (
    insert into log (tenant, revision, kind, schema_version, committed_at, changes)
    select $1, e.* from json_to_recordset($5::json) as e (n bigint, k text, s text, at bigint, c text)
  )
  update tenants set revision = $6 where tenant = $1`

/** The tenant's row is the lock that makes revisions gapless and ordered. */
export const postgresTables: Tables = {
  dialect: 'postgres',

  *lockTenant(tenant: string, now: number): Script<TenantRow> {
    const row = yield* first<TenantRow>(LOCK_TENANT, tenant)
    if (row !== undefined) return row
    yield* run(
      'insert into tenants (tenant, revision, created_at) values ($1, 0, $2) on conflict (tenant) do nothing',
      tenant,
      now,
    )
    const made = yield* first<TenantRow>(LOCK_TENANT, tenant)
    if (made === undefined) throw new Error('the tenant vanished')
    return made
  },

  *findByKeys(tenant: string, keys: readonly RelationshipKey[]): Script<readonly Relationship[]> {
    return toRelationships(yield* all<RelationshipRow>(FIND, tenant, keyList(keys)))
  },

  *lockAndFind(tenant: string, now: number, keys: readonly RelationshipKey[]): Script<LockedRows> {
    // Each statement sees what was committed before it began, so the second sees what the lock was waited for.
    const [heads, rows] = yield* atOnce([
      { text: LOCK_TENANT, values: [tenant] },
      { text: FIND, values: [tenant, keyList(keys)] },
    ])
    const head = heads?.[0] as TenantRow | undefined
    if (head !== undefined) return { head, stored: toRelationships((rows ?? []) as unknown as RelationshipRow[]) }
    const made = yield* postgresTables.lockTenant(tenant, now)
    return { head: made, stored: yield* postgresTables.findByKeys(tenant, keys) }
  },

  *apply(tenant: string, rows: RowChanges, entries: readonly EncodedEntry[]): Script<void> {
    const last = entries.at(-1)
    if (last === undefined) return
    yield* run(
      APPLY,
      tenant,
      JSON.stringify(rows.deletedIds),
      JSON.stringify(rows.replaced.map(({ id, by }) => ({ old: id, ...mutableColumns(by) }))),
      JSON.stringify(rows.inserted.map(allColumns)),
      JSON.stringify(
        entries.map(({ revision, kind, schemaVersion, committedAt, changes }) => {
          return { n: revision, k: kind, s: schemaVersion, at: committedAt, c: changes }
        }),
      ),
      last.revision,
    )
  },
}

function keyList(keys: readonly RelationshipKey[]): string {
  return JSON.stringify(
    keys.map((key) => ({
      t: key.objectType,
      o: key.objectId,
      r: key.relation,
      st: key.subjectType,
      si: key.subjectId,
      sr: key.subjectRelation,
      sn: key.subjectTenant,
    })),
  )
}

function mutableColumns(row: Relationship): Record<string, string | number | null> {
  return {
    id: row.id,
    cn: row.conditionName,
    cc: jsonText(row.conditionContext),
    ex: row.expiresAt,
    ca: row.createdAt,
    at: jsonText(row.attributes),
  }
}

function allColumns(row: Relationship): Record<string, string | number | null> {
  return {
    t: row.objectType,
    o: row.objectId,
    r: row.relation,
    sn: row.subjectTenant,
    st: row.subjectType,
    si: row.subjectId,
    sr: row.subjectRelation,
    ...mutableColumns(row),
  }
}
