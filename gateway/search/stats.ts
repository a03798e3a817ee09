import { first, type Script } from '../../services/common/sql/script.ts'
import { isComplete } from './backlog.ts'

/** How many files a tenant has, those in the trash included, and how many of them are found by their text. */
export function* readStats(tenant: string): Script<{ files: number; indexedFiles: number; complete: boolean }> {
  const row = yield* first<{ files: number; indexed: number }>(
    `select count(*) as files, count(t.content_hash) as indexed
from nodes n left join search_texts t on t.content_hash = n.content_hash where n.tenant = $1 and n.kind = 'file'`,
    tenant,
  )
  return { files: row?.files ?? 0, indexedFiles: row?.indexed ?? 0, complete: yield* isComplete() }
}
