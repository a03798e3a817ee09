import { all, type Script } from '../../../common/sql/script.ts'
import type { Dialect } from '../../../common/sql/dialect.ts'
import { listQuery } from '../filter.ts'

/** RelationshipStore.heads. */
export function* readHeads(dialect: Dialect, tenants: readonly string[]): Script<ReadonlyMap<string, number>> {
  const heads = new Map(tenants.map((tenant) => [tenant, 0]))
  const rows = yield* all<{ tenant: string; revision: number }>(
    `select tenant, revision from tenants where tenant in (${listQuery(dialect, '$1')})`,
    JSON.stringify(tenants),
  )
  for (const { tenant, revision } of rows) heads.set(tenant, revision)
  return heads
}
