import { all, type Script } from '../../../common/sql/script.ts'

export interface TrimKeys {
  /** Milliseconds since 1970; keys from then on stay. */
  readonly before: number
  /** Keys at most. */
  readonly limit: number
}

/** Deletes the oldest idempotency keys; true if there may be more to delete. */
export function* trimKeysCommand({ before, limit }: TrimKeys): Script<boolean> {
  const deleted = yield* all(
    `delete from idempotency_keys where (tenant, key) in (select tenant, key from idempotency_keys
       where created_at < $1 order by created_at limit $2) returning key`,
    before,
    limit,
  )
  return deleted.length === limit
}
