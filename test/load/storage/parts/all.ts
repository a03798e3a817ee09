import type { Part } from '../../part.ts'
import type { Sizes } from '../sizes.ts'
import { bulkSqlite } from './bulk-sqlite.ts'
import { eventLoop } from './event-loop.ts'
import { onPostgres } from './on-postgres.ts'
import { singleWrites } from './single-writes.ts'

/** By the names that `--only` knows, in the order in which they run. */
export const PARTS = {
  single: singleWrites,
  bulk: bulkSqlite,
  postgres: onPostgres,
  loop: eventLoop,
} as const satisfies Readonly<Record<string, Part<Sizes>>>
