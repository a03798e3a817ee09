import { copyFile, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { openContentStore } from '../../../gateway/content-root.ts'
import type { ContentStore } from '../../../gateway/content/contract.ts'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { Closer } from '../../common/process/closer.ts'
import { ownSqliteFile } from '../../common/sql/sqlite/ownership.ts'
import { CONTENT_FOLDER, damagedBackup, type Manifest, readManifest } from '../backup/manifest.ts'
import { readContents } from '../contents.ts'
import { newEpoch } from '../epoch.ts'
import { existingPartsOf, sync } from '../files.ts'
import { NAMES } from '../histories.ts'
import type { Places } from '../places.ts'
import { count, type Progress } from '../progress.ts'
import { verifyBackup } from './verify-backup.ts'

/**
 * Brings a backup back to where there is nothing. Nothing is written before all of the backup was found intact, and the
 * databases get their names last. Answers the line that says so.
 * @throws NexusError CONFIG_INVALID, DATABASE_OWNED, DATABASE_DAMAGED, DATABASE_TOO_NEW, STORAGE_FULL, CANCELLED
 */
export async function restore(from: string, places: Places, progress: Progress): Promise<string> {
  const folder = resolve(from)
  const manifest = readManifest(folder)
  const closer = new Closer()
  let contents: number
  try {
    for (const name of NAMES) {
      const owner = ownSqliteFile(places.files[name])
      closer.defer(() => owner[Symbol.dispose]())
    }
    const store = openContentStore(places.contentUrl)
    await requireNothing(places, store)
    const hashes = await verifyBackup(folder, manifest, progress)
    await copyContents(folder, hashes, store, progress)
    await placeDatabases(folder, manifest, places, progress)
    contents = hashes.length
  } finally {
    await closer.close()
  }
  const rows = count(manifest.databases.gateway.rows + manifest.databases.rebac.rows)
  return `Restored 2 databases with ${rows} rows and ${count(contents)} contents, as of ${manifest.takenAt}, in ${progress.elapsed}.`
}

async function requireNothing(places: Places, store: ContentStore): Promise<void> {
  const there = NAMES.flatMap((name) => existingPartsOf(places.files[name]))
  const first = await store.list()[Symbol.asyncIterator]().next()
  if (first.done !== true) there.push(places.contentUrl)
  if (there.length === 0) return
  throw new NexusError(
    'CONFIG_INVALID',
    `There are data already (${there.join(', ')}): move them away, or set another NEXUS_DATA_DIR.`,
  )
}

async function copyContents(
  folder: string,
  hashes: readonly string[],
  store: ContentStore,
  progress: Progress,
): Promise<void> {
  progress.step('copying contents')
  const source = openContentStore(`file:${join(folder, CONTENT_FOLDER)}`)
  const put = (hash: string, bytes: Uint8Array) => store.put(hash, bytes)
  await readContents(hashes, source, progress, put, (lost) =>
    damagedBackup(`${lost.length} contents changed meanwhile`),
  )
}

async function placeDatabases(
  folder: string,
  manifest: Manifest,
  { files }: Places,
  progress: Progress,
): Promise<void> {
  const drafts = NAMES.map((name) => ({ name, draft: `${files[name]}.restoring`, file: files[name] }))
  try {
    for (const { name, draft } of drafts) {
      progress.step(`copying ${manifest.databases[name].file}`)
      await copyFile(join(folder, manifest.databases[name].file), draft)
      if (name === 'rebac') startEpoch(draft)
      await sync(draft)
    }
    for (const { draft, file } of drafts) {
      await rename(draft, file)
      await sync(dirname(file))
    }
  } finally {
    for (const { draft } of drafts) await rm(draft, { force: true })
  }
}

/** Tokens of the time after the backup name revisions that are other ones now. */
function startEpoch(file: string): void {
  const database = new BetterSqlite3(file)
  try {
    database.exec(newEpoch())
  } finally {
    database.close()
  }
}
