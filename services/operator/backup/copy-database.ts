import BetterSqlite3 from 'better-sqlite3'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { firstProblem } from '../../common/sql/sqlite/open.ts'
import { digestOf, sync, type FileDigest } from '../files.ts'
import { versionOf } from '../histories.ts'
import { count, type Progress } from '../progress.ts'

/** Pages of one step; between two steps other work of this process may run. */
const PAGES = 2_000

export interface CopiedDatabase extends FileDigest {
  readonly version: number
  readonly rows: number
}

/**
 * Copies the state that a connection has pinned to a new file, without its log, and checks the copy.
 * @param amend is done to the copy
 * @throws NexusError DATABASE_DAMAGED
 */
export async function copyDatabase(
  source: BetterSqlite3.Database,
  target: string,
  progress: Progress,
  amend: (copy: BetterSqlite3.Database) => void,
): Promise<CopiedDatabase> {
  progress.step(`copying ${source.name}, in pages`)
  await source.backup(target, {
    progress: ({ totalPages, remainingPages }) => {
      progress.at(totalPages - remainingPages, totalPages)
      return PAGES
    },
  })
  progress.step(`checking the copy`)
  const copy = new BetterSqlite3(target)
  let facts: { version: number; rows: number }
  try {
    const problem = firstProblem(copy, 'integrity_check')
    if (problem !== null) {
      const message = `The database ${source.name} is damaged (${problem}): restore it from an earlier backup.`
      throw new NexusError('DATABASE_DAMAGED', message)
    }
    amend(copy)
    facts = { version: versionOf(copy), rows: countRows(copy) }
    // One file, which is all there is.
    copy.pragma('journal_mode = DELETE')
  } finally {
    copy.close()
  }
  await sync(target)
  const digest = await digestOf(target, progress)
  progress.note(`${source.name}: ${count(facts.rows)} rows, ${count(digest.bytes)} bytes, intact`)
  return { ...facts, ...digest }
}

/** Rows of all tables. */
export function countRows(database: BetterSqlite3.Database): number {
  const tables = "select name from sqlite_schema where type = 'table' and name not like 'sqlite#_%' escape '#'"
  let rows = 0
  for (const name of database.prepare(tables).pluck().all() as string[]) {
    rows += database.prepare(`select count(*) from "${name}"`).pluck().get() as number
  }
  return rows
}
