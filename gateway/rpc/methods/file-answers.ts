import type { FileEntry } from '../../files/contract.ts'
import { isoTime } from '../special-values.ts'

const FILE_MODE = 0o644
const DIRECTORY_MODE = 0o755
const DIRECTORY_SIZE = 4_096

/** What a version of a file is known by. */
export function versionOf(entry: FileEntry) {
  return { etag: entry.etag, version: entry.version, modified_at: new Date(entry.modifiedAt), size: entry.size }
}

/** One of the two original servers wraps what was written, the other does not; clients read either. */
export function writtenOf(entry: FileEntry) {
  const written = versionOf(entry)
  return { ...written, bytes_written: written }
}

/** As get_metadata answers. The original names the caller as owner and group. */
export function metadataOf(entry: FileEntry, user: string) {
  const directory = entry.kind === 'directory'
  return {
    path: entry.path,
    size: directory ? DIRECTORY_SIZE : entry.size,
    mime_type: directory ? 'inode/directory' : entry.mimeType,
    created_at: entry.implicit ? null : isoTime(entry.createdAt),
    modified_at: entry.implicit ? null : isoTime(entry.modifiedAt),
    is_directory: directory,
    owner: user,
    group: user,
    mode: directory ? DIRECTORY_MODE : FILE_MODE,
  }
}

/** As stat answers. */
export function statOf(entry: FileEntry) {
  return {
    size: entry.size,
    etag: entry.etag,
    version: entry.version,
    modified_at: entry.implicit ? null : isoTime(entry.modifiedAt),
    is_directory: entry.kind === 'directory',
  }
}

/** An ETag as HTTP writes it, or bare. */
export function unquoted(etag: string): string {
  return etag.replace(/^W\//i, '').replace(/^"(.*)"$/, '$1')
}
