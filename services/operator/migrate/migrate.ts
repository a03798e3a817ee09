import { NexusError } from '../../common/errors/nexus-error.ts'
import { isPostgresUrl, sqlitePath } from '../../common/sql/open-database.ts'
import { Closer } from '../../common/process/closer.ts'
import { newEpoch } from '../epoch.ts'
import { histories, NAMES, refuseNewer } from '../histories.ts'
import type { Both, DatabaseUrls } from '../places.ts'
import { count, type Progress } from '../progress.ts'
import { type CopiedTable, copyTables } from './copy-tables.ts'
import { openPostgresSource, openPostgresTarget } from './postgres-side.ts'
import type { Source, Target } from './side.ts'
import { openSqliteSource, openSqliteTarget } from './sqlite-side.ts'

/**
 * Copies both databases of a stopped system to empty ones. Answers the line that says so.
 * @throws NexusError CONFIG_INVALID, DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, STORAGE_FULL, UNAVAILABLE,
 *   CANCELLED
 */
export async function migrate(from: DatabaseUrls, to: DatabaseUrls, progress: Progress): Promise<string> {
  const copied = await moveDatabases(from, to, progress)
  const tables = NAMES.flatMap((name) => copied[name])
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  return `Migrated ${tables.length} tables with ${count(rows)} rows in ${progress.elapsed}; every count and checksum is equal.`
}

/** As `migrate`; answers what was copied. */
export async function moveDatabases(
  from: DatabaseUrls,
  to: DatabaseUrls,
  progress: Progress,
): Promise<Both<readonly CopiedTable[]>> {
  const closer = new Closer()
  const closing = <T extends Source>(side: T): T => {
    closer.defer(() => side.close())
    return side
  }
  const openPair = async (name: Name) => ({
    source: closing(await openSource(name, from[name])),
    target: closing(await openTarget(name, to[name])),
  })
  try {
    progress.step('opening all four databases')
    const gateway = await openPair('gateway')
    const rebac = await openPair('rebac')
    const copied = {
      gateway: await copyTables(gateway.source, gateway.target, progress),
      rebac: await copyTables(rebac.source, rebac.target, progress),
    }
    await rebac.target.run(newEpoch())
    progress.step('making it durable')
    await rebac.target.finish()
    await gateway.target.finish()
    return copied
  } finally {
    await closer.close()
  }
}

type Name = (typeof NAMES)[number]

async function openSource(name: Name, url: string): Promise<Source> {
  const source = isPostgresUrl(url) ? await openPostgresSource(url) : openSqliteSource(sqlitePath(url))
  try {
    refuseNewer(name, source.version, source.where)
    if (source.version < histories[name].length) {
      const message = `${source.where} was written by an older program: start this one on it once, and stop it again.`
      throw new NexusError('CONFIG_INVALID', message)
    }
    return source
  } catch (error) {
    await source.close()
    throw error
  }
}

async function openTarget(name: Name, url: string): Promise<Target> {
  const history = histories[name]
  return isPostgresUrl(url) ? openPostgresTarget(url, history) : openSqliteTarget(sqlitePath(url), history)
}
