import type { Dialect } from '../../../common/sql/dialect.ts'
import { all, type Script } from '../../../common/sql/script.ts'
import type { ReadRequest, ReadResult } from '../contract.ts'
import { isSelective, matching, Parameters } from '../filter.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'

/** RelationshipStore.readRelationships. One statement, so that page and revision belong together. */
export function* readRelationships(dialect: Dialect, request: ReadRequest): Script<ReadResult> {
  const { tenant, filter, afterId, limit, now } = request
  const parameters = new Parameters()
  const condition = matching(dialect, parameters, tenant, filter, now)
  const after = parameters.add(afterId)
  // Few matches are found by their index and sorted. Left alone, either engine may walk the whole tenant in the order
  // of ids, hoping to fill the page early; an id that is an expression, and a limit that limits nothing, keep it from that.
  const [id, apart] = isSelective(filter)
    ? ["id || ''", { sqlite: 'limit -1', postgres: 'offset 0' }[dialect]]
    : ['id', '']
  const rows = yield* all<RelationshipRow & { headRevision: number }>(
    `select h."headRevision", x.* from (
         select coalesce((select revision from tenants where tenant = $1), 0) as "headRevision"
       ) h left join (
         select * from (
           select ${RELATIONSHIP_COLUMNS} from relationships where ${condition} and ${id} > ${after} ${apart}
         ) m order by id limit ${parameters.add(limit)}
       ) x on true order by x.id`,
    ...parameters.values,
  )
  const page: RelationshipRow[] = []
  for (const { headRevision: _, ...row } of rows) if (row.id !== null) page.push(row)
  return { relationships: toRelationships(page), revision: rows[0]?.headRevision ?? 0 }
}
