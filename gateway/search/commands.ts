import { all, run, type Script } from '../../services/common/sql/script.ts'
import { indexNames, indexTexts } from './index-scripts.ts'

/** Where the indexing of names has come to. */
export interface NamePlace {
  readonly tenant: string
  readonly nodeId: string
}

const UNNAMED = `select n.tenant, n.node_id as "nodeId", n.name from nodes n
where n.kind = 'file' and (n.tenant, n.node_id) > ($1, $2)
  and not exists (select 1 from search_names s where s.tenant = n.tenant and s.node_id = n.node_id)
order by n.tenant, n.node_id limit $3`

/** What indexes files that were there before there was an index. */
export const searchCommands = {
  /** Indexes the names of the next files that have no row; answers where it has come to, null at the end. */
  *indexNameBacklog({ after, limit }: { readonly after: NamePlace; readonly limit: number }): Script<NamePlace | null> {
    const found = yield* all<NamePlace & { readonly name: string }>(
      // A rename that is under way is waited for: it would be overwritten.
      { sqlite: UNNAMED, postgres: `${UNNAMED} for share of n` },
      after.tenant,
      after.nodeId,
      limit,
    )
    for (const [tenant, files] of Map.groupBy(found, (file) => file.tenant)) yield* indexNames(tenant, files)
    const last = found.at(-1)
    return last === undefined || found.length < limit ? null : { tenant: last.tenant, nodeId: last.nodeId }
  },

  *indexTextBacklog(texts: readonly { readonly hash: string; readonly words: string }[]): Script<void> {
    yield* indexTexts(new Map(texts.map(({ hash, words }) => [hash, words])))
  },

  *finishSearchBacklog(_nothing: null): Script<void> {
    yield* run("insert into search_state (key, value) values ('complete', '1') on conflict (key) do nothing")
  },
}
