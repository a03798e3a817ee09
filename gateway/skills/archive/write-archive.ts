import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { comparePaths } from '../../files/paths.ts'
import type { ArchiveEntry } from './read-archive.ts'

/** The first moment that a zip file can name, in whatever zone: equal files make equal archives. */
const TIME = new Date(1980, 0, 1)
const FILE_MODE = 0o100644
const DIRECTORY_MODE = 0o40755

/** A zip file of these entries, sorted by path. The same entries make the same bytes. */
export async function writeArchive(entries: readonly ArchiveEntry[]): Promise<Buffer> {
  const zip = new ZipFile()
  const common = { mtime: TIME, forceDosTimestamp: true }
  for (const { path, content } of entries.toSorted((a, b) => comparePaths(a.path, b.path))) {
    if (content === null) zip.addEmptyDirectory(path, { ...common, mode: DIRECTORY_MODE })
    else
      zip.addBuffer(Buffer.from(content.buffer, content.byteOffset, content.byteLength), path, {
        ...common,
        mode: FILE_MODE,
      })
  }
  zip.end()
  return await buffer(zip.outputStream as Readable)
}
