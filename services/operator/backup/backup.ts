import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { openContentStore } from '../../../gateway/content-root.ts'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { Closer } from '../../common/process/closer.ts'
import { type ContentTotals, readContents, referencedContents, someOf } from '../contents.ts'
import { sync } from '../files.ts'
import { refuseNewer, versionOf } from '../histories.ts'
import type { Places } from '../places.ts'
import { count, type Progress } from '../progress.ts'
import { ContentHold, forgetHold } from './content-hold.ts'
import { copyDatabase } from './copy-database.ts'
import { CONTENT_FOLDER, encodeManifest, FORMAT, type Manifest, MANIFEST_FILE } from './manifest.ts'
import { type PinnedDatabases, pinDatabases } from './pinned-databases.ts'

/**
 * Copies a system on SQLite, running or not, to a new directory, which has its name only when it is complete. Answers
 * the line that says so.
 * @throws NexusError CONFIG_INVALID, DATABASE_DAMAGED, DATABASE_TOO_NEW, UNAVAILABLE, CANCELLED
 */
export async function backup(places: Places, to: string, progress: Progress): Promise<string> {
  const target = resolve(to)
  if (existsSync(target) && (await readdir(target)).length > 0) {
    throw new NexusError('CONFIG_INVALID', `${target} is not empty: name a directory that does not exist yet.`)
  }
  const draft = `${target}.partial-${process.pid}`
  try {
    // It holds the hashes of keys and the key of the tokens: for its owner only.
    await mkdir(draft, { recursive: true, mode: 0o700 })
    const manifest = await copyAll(places, draft, progress)
    await writeFile(join(draft, MANIFEST_FILE), encodeManifest(manifest), { flush: true })
    await sync(draft)
    await rename(draft, target)
    await sync(dirname(target))
    const { databases, contents } = manifest
    const rows = count(databases.gateway.rows + databases.rebac.rows)
    return `Backed up 2 databases with ${rows} rows and ${count(contents.count)} contents (${count(contents.bytes)} bytes) to ${target} in ${progress.elapsed}.`
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

async function copyAll(places: Places, draft: string, progress: Progress): Promise<Manifest> {
  const { files } = places
  progress.step('holding both databases at one moment')
  const closer = new Closer()
  try {
    // The first open says in words what is wrong with a file; the hold comes before the state that needs its contents.
    pinDatabases(files).close()
    const hold = new ContentHold(files.gateway)
    closer.defer(() => hold.close())
    const pinned = pinDatabases(files)
    closer.defer(() => pinned.close())
    return await copyPinned(pinned, places, draft, progress)
  } finally {
    await closer.close()
  }
}

async function copyPinned(
  pinned: PinnedDatabases,
  { files, contentUrl }: Places,
  draft: string,
  progress: Progress,
): Promise<Manifest> {
  const takenAt = new Date().toISOString()
  for (const name of ['gateway', 'rebac'] as const) {
    refuseNewer(name, versionOf(pinned[name]), `The database ${files[name]}`)
  }
  const rebac = await copyDatabase(pinned.rebac, join(draft, 'rebac.db'), progress, () => undefined)
  const gateway = await copyDatabase(pinned.gateway, join(draft, 'gateway.db'), progress, forgetHold)
  const contents = await copyContents(referencedContents(pinned.gateway), contentUrl, draft, progress)
  return {
    format: FORMAT,
    takenAt,
    databases: { gateway: { file: 'gateway.db', ...gateway }, rebac: { file: 'rebac.db', ...rebac } },
    contents,
  }
}

function copyContents(
  hashes: readonly string[],
  contentUrl: string,
  draft: string,
  progress: Progress,
): Promise<ContentTotals> {
  progress.step('copying contents')
  const target = openContentStore(`file:${join(draft, CONTENT_FOLDER)}`)
  const put = (hash: string, bytes: Uint8Array) => target.put(hash, bytes)
  return readContents(hashes, openContentStore(contentUrl), progress, put, (lost) => {
    const message = `${lost.length} contents are missing from ${contentUrl} or damaged there (${someOf(lost)}): bring them back from an earlier backup.`
    return new NexusError('DATABASE_DAMAGED', message)
  })
}
