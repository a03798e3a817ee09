import type { Readable } from 'node:stream'
import type { CallContext } from '../context.ts'
import type { EditMatch, TextEdit } from './edit/apply-edits.ts'

/** What stands at a path. Directories have version 0, no content and no etag. */
export interface FileEntry {
  readonly path: string
  readonly kind: 'file' | 'directory'
  /** A directory that exists only because something below it does. */
  readonly implicit: boolean
  readonly size: number
  /** SHA-256 of the content in hex; null for a directory. */
  readonly etag: string | null
  readonly mimeType: string | null
  readonly version: number
  readonly createdAt: number
  readonly modifiedAt: number
  readonly createdBy: string
}

/** One of the contents that a file had. */
export interface FileVersion {
  readonly version: number
  readonly versionId: string
  readonly etag: string
  readonly size: number
  readonly mimeType: string | null
  readonly parentVersionId: string | null
  readonly sourceType: 'original' | 'rollback'
  readonly changeReason: string | null
  readonly createdAt: number
  readonly createdBy: string
}

export interface WriteOptions {
  /** Etags of which the file must have one; '*': any, but it must exist. */
  readonly ifMatch?: string | readonly string[] | undefined
  /** Etags that the file must not have; '*' or true: it must not exist. */
  readonly ifNoneMatch?: boolean | readonly string[] | undefined
  readonly force?: boolean | undefined
  /** The upload that is written: once, whoever tries it again gets CONFLICT. */
  readonly uploadId?: string | undefined
}

export interface EditOptions {
  readonly ifMatch: string | undefined
  /** How similar lines must be to be taken for what is looked for, above 0; 1 takes only what is the same. */
  readonly threshold: number
  /** Only say what would come of it. */
  readonly preview: boolean
}

/** What came of edits. */
export type FileEdit =
  | { readonly outcome: 'failed'; readonly matches: readonly EditMatch[]; readonly errors: readonly string[] }
  | {
      readonly outcome: 'preview'
      readonly matches: readonly EditMatch[]
      readonly diff: string
      readonly text: string
    }
  | {
      readonly outcome: 'written'
      readonly matches: readonly EditMatch[]
      readonly diff: string
      readonly entry: FileEntry
    }

export interface UploadOptions extends WriteOptions {
  /** How many bytes are announced; undefined if that is not known. */
  readonly announced: number | undefined
  /** Who the caller is when all bytes are there, with the time that is left then. @throws NexusError UNAUTHENTICATED */
  readonly later: () => Promise<CallContext>
}

export interface FileDownload {
  readonly entry: FileEntry
  /** Bytes `start` to before `end`, both within the size. */
  readonly bytes: (start: number, end: number) => Promise<Readable>
}

export interface NewFile {
  readonly path: string
  readonly content: Uint8Array
}

export interface PageOptions {
  readonly recursive: boolean
  /** A path: the page begins with what comes after it. */
  readonly after: string | null
  readonly limit: number
}

export interface FilePage {
  readonly entries: readonly FileEntry[]
  /** There is something after it. */
  readonly more: boolean
}

/**
 * The file system as other capabilities use it. Paths are normalised here; permissions are tested here, on the path,
 * before existence: without read ACCESS_DENIED whether or not it exists, with read FILE_NOT_FOUND.
 * Errors: INVALID_PATH, ACCESS_DENIED, FILE_NOT_FOUND, FILE_EXISTS, DIRECTORY_NOT_EMPTY, CONFLICT, TOO_LARGE, UNAVAILABLE.
 */
export interface Files {
  /** The whole of a file; `accept` gets its size before it is held in memory, and may throw. */
  read(
    context: CallContext,
    path: string,
    accept?: (size: number) => void,
  ): Promise<{ readonly content: Uint8Array; readonly entry: FileEntry }>
  /** Creates or replaces; missing directories above it come into being (implicit). Answered when its permissions are applied. */
  write(context: CallContext, path: string, content: Uint8Array, options?: WriteOptions): Promise<FileEntry>
  /**
   * As write, for bytes as they come, however many. Whether the caller may write is asked before the first of them is
   * taken, and again after the last, when time has passed.
   */
  upload(
    context: CallContext,
    path: string,
    source: AsyncIterable<Uint8Array>,
    options: UploadOptions,
  ): Promise<FileEntry>
  /** Fails as an upload that begins now would, before any byte is sent. */
  checkUpload(context: CallContext, path: string, options: Omit<UploadOptions, 'later'>): Promise<void>
  /** The version that an upload with this id became, if it did lately; else null. */
  versionOfUpload(uploadId: string): Promise<number | null>
  /** As read, for any size: `bytes` gives a part, piece by piece; it is to be read or destroyed. */
  download(context: CallContext, path: string): Promise<FileDownload>
  /** Adds to the end; creates what is missing. Those who append at once all get their turn. Needs read as well. */
  append(
    context: CallContext,
    path: string,
    content: Uint8Array,
    options?: Pick<WriteOptions, 'force'> & { readonly ifMatch?: string | undefined },
  ): Promise<FileEntry>
  /** All edits or none, one after the other, none of them lost to another writer. @throws NexusError INVALID_PARAMS also */
  edit(context: CallContext, path: string, edits: readonly TextEdit[], options: EditOptions): Promise<FileEdit>
  /** All files of the batch, or none; they belong to one tenant. @throws NexusError INVALID_PARAMS also */
  writeBatch(context: CallContext, files: readonly NewFile[]): Promise<readonly FileEntry[]>
  /** Bytes `start` to before `end`, as far as there are. */
  readRange(context: CallContext, path: string, start: number, end: number): Promise<Uint8Array>
  /** A file with the content of another; nothing may stand there. */
  copy(context: CallContext, from: string, to: string): Promise<FileEntry>
  /** The kept versions of a file, the newest first. */
  listVersions(context: CallContext, path: string): Promise<readonly FileVersion[]>
  /** Versions of a file, in the order asked for; FILE_NOT_FOUND for one that is not there. Contents are read on demand. */
  readVersions(
    context: CallContext,
    path: string,
    versions: readonly number[],
  ): Promise<readonly { readonly version: FileVersion; readonly content: () => Promise<Uint8Array> }[]>
  /** Makes a new version with the content of an old one. */
  rollback(context: CallContext, path: string, version: number): Promise<void>
  /** Everything readable below a directory, sorted by path; without `recursive` its children only. Complete, or it fails. */
  list(context: CallContext, path: string, options: { readonly recursive: boolean }): Promise<readonly FileEntry[]>
  /** A part of such a list, in the same order; costs what is on it. */
  listPage(context: CallContext, path: string, options: PageOptions): Promise<FilePage>
  /** For each pattern what matches below a directory, sorted; complete, or it fails. @throws NexusError INVALID_PARAMS also */
  find(context: CallContext, path: string, patterns: readonly string[]): Promise<readonly (readonly string[])[]>
  exists(context: CallContext, path: string): Promise<boolean>
  isDirectory(context: CallContext, path: string): Promise<boolean>
  /** null if it is missing or may not be read. */
  stat(context: CallContext, path: string): Promise<FileEntry | null>
  /** As stat, but fails where there is nothing to be seen. */
  describe(context: CallContext, path: string): Promise<FileEntry>
  mkdir(
    context: CallContext,
    path: string,
    options: { readonly parents: boolean; readonly existOk: boolean },
  ): Promise<void>
  /** Moves a file or a directory with all below it; nothing may stand at the new path. Versions and permissions follow. */
  rename(context: CallContext, from: string, to: string): Promise<void>
  /** A directory must be empty, unless `recursive`. */
  delete(context: CallContext, path: string, options?: { readonly recursive: boolean }): Promise<void>
  rmdir(context: CallContext, path: string, options: { readonly recursive: boolean }): Promise<void>
}
