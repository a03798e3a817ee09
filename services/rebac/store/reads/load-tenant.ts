import { all, first, type Script } from '../../../common/sql/script.ts'
import type { LoadedTenant, TakePage } from '../contract.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'
import { readSchema } from './read-schema.ts'

/** Rows of one statement: to read and to take them keeps the event loop for some milliseconds. */
const PAGE = 2_000

/** RelationshipStore.loadTenant; a long script, to be run in a snapshot. */
export function* loadTenant(tenant: string, begin: () => TakePage, now: number): Script<LoadedTenant> {
  const take = begin()
  const head = yield* first<{ revision: number }>('select revision from tenants where tenant = $1', tenant)
  if (head === undefined) return { revision: 0, schema: null }
  const schema = yield* readSchema(tenant, '')
  for (let afterId = ''; ; ) {
    const rows = yield* all<RelationshipRow>(
      `select ${RELATIONSHIP_COLUMNS} from relationships
         where tenant = $1 and id > $2 and (expires_at is null or expires_at > $3) order by id limit $4`,
      tenant,
      afterId,
      now,
      PAGE,
    )
    const lastId = rows.at(-1)?.id ?? ''
    take(toRelationships(rows))
    if (rows.length < PAGE) return { revision: head.revision, schema }
    afterId = lastId
  }
}
