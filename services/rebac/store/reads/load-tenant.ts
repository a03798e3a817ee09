import { all, first, type Script } from '../../../common/sql/script.ts'
import type { Relationship } from '../../model/relationship.ts'
import type { LoadedTenant } from '../contract.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'
import { readSchema } from './read-schema.ts'

/** Rows of one statement: a pause for the event loop of a few milliseconds. */
const PAGE = 5_000

/** RelationshipStore.loadTenant; a long script, to be run in a snapshot. */
export function* loadTenant(tenant: string, now: number): Script<LoadedTenant> {
  const head = yield* first<{ revision: number }>('select revision from tenants where tenant = $1', tenant)
  if (head === undefined) return { revision: 0, schema: null, relationships: [] }
  const schema = yield* readSchema(tenant, '')
  const relationships: Relationship[] = []
  for (let afterId = ''; ; ) {
    const rows = yield* all<RelationshipRow>(
      `select ${RELATIONSHIP_COLUMNS} from relationships
         where tenant = $1 and id > $2 and (expires_at is null or expires_at > $3) order by id limit $4`,
      tenant,
      afterId,
      now,
      PAGE,
    )
    for (const relationship of toRelationships(rows)) relationships.push(relationship)
    if (rows.length < PAGE) return { revision: head.revision, schema, relationships }
    afterId = rows.at(-1)?.id ?? ''
  }
}
