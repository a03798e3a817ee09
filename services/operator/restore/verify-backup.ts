import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { openContentStore } from '../../../gateway/content-root.ts'
import { describeError } from '../../common/errors/nexus-error.ts'
import { firstProblem } from '../../common/sql/sqlite/open.ts'
import { CONTENT_FOLDER, damagedBackup, type Manifest } from '../backup/manifest.ts'
import { countRows } from '../backup/copy-database.ts'
import { readContents, referencedContents, someOf } from '../contents.ts'
import { digestOf } from '../files.ts'
import { NAMES, refuseNewer, versionOf } from '../histories.ts'
import type { Progress } from '../progress.ts'

/**
 * Reads all of a backup and compares it with its manifest. Answers the contents that belong to it.
 * @throws NexusError DATABASE_DAMAGED, DATABASE_TOO_NEW
 */
export async function verifyBackup(folder: string, manifest: Manifest, progress: Progress): Promise<readonly string[]> {
  let hashes: readonly string[] = []
  for (const name of NAMES) {
    const wanted = manifest.databases[name]
    const file = join(folder, wanted.file)
    refuseNewer(name, wanted.version, `The backup's ${wanted.file}`)
    progress.step(`checking ${file}`)
    const found = await digestOf(file, progress).catch((error: unknown) => {
      throw damagedBackup(`${file} cannot be read (${describeError(error)})`)
    })
    if (found.sha256 !== wanted.sha256 || found.bytes !== wanted.bytes)
      throw damagedBackup(`${file} is not as it was written`)
    const database = new BetterSqlite3(file, { readonly: true })
    try {
      const problem = firstProblem(database, 'integrity_check')
      if (problem !== null) throw damagedBackup(`${file}: ${problem}`)
      if (versionOf(database) !== wanted.version || countRows(database) !== wanted.rows)
        throw damagedBackup(`${file} is not what its manifest says`)
      if (name === 'gateway') hashes = referencedContents(database)
    } finally {
      database.close()
    }
  }
  progress.step('checking contents')
  const store = openContentStore(`file:${join(folder, CONTENT_FOLDER)}`)
  const { bytes } = await readContents(
    hashes,
    store,
    progress,
    () => Promise.resolve(),
    (lost) => damagedBackup(`${lost.length} contents are missing or not as they were written (${someOf(lost)})`),
  )
  if (hashes.length !== manifest.contents.count || bytes !== manifest.contents.bytes) {
    throw damagedBackup('its contents are not those that its manifest counts')
  }
  return hashes
}
