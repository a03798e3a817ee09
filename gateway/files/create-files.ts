import type { Incoming } from '../sharing/shares.ts'
import { append } from './append.ts'
import { edit } from './edit/edit.ts'
import { copy } from './copy.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { Ways } from '../audit/ways.ts'
import type { Contents } from '../content/contents.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { type Backing, noBacking } from './backing.ts'
import { versionOfUpload } from './commands/finished-uploads.ts'
import type { Quota } from './commands/quota.ts'
import type { Files } from './contract.ts'
import type { FileDeps, Looks } from './deps.ts'
import { find } from './find.ts'
import { Guard } from './guard.ts'
import type { WriteIndexer } from './indexer.ts'
import { list } from './list.ts'
import { MAX_PATH_BYTES } from './paths.ts'
import { listPage } from './list-page.ts'
import { mkdir } from './mkdir.ts'
import { describe, download, read, readRange, stat } from './read.ts'
import { remove } from './remove.ts'
import { rename } from './rename.ts'
import { rollback } from './rollback.ts'
import { Turns } from './turns.ts'
import { checkUpload, upload } from './upload.ts'
import { listVersions, readVersions } from './versions.ts'
import { newContent, write } from './write.ts'
import { writeBatch } from './write-batch.ts'

export interface CreateFilesOptions {
  readonly db: GatewayDatabase
  readonly content: Contents
  readonly permissions: Permissions
  /** What other tenants share with a subject. @default nothing */
  readonly incoming?: Incoming
  readonly outbox: Outbox
  readonly audit: Auditor
  /** Finds out by which relationships changes are allowed. @default nothing does */
  readonly ways?: Ways
  /** Administrators need no permission in their own tenant (NEXUS_ALLOW_ADMIN_BYPASS). */
  readonly adminBypass: boolean
  /** The back ends of mounts; made of the rest, so it comes after. @default nothing is mounted */
  readonly backing?: (rest: Omit<FileDeps, 'backing'>) => Backing
  /** The first that has a row for a file that is written decides. @default none */
  readonly contentIndexers?: readonly WriteIndexer[]
  /** How many versions a file keeps. @default 1000 */
  readonly keptVersions?: number
  /** How many bytes of UTF-8 the path of something new may have. @default 1024 */
  readonly maxPathBytes?: number
  /** How many components the path of something new may have. @default 256 */
  readonly maxPathDepth?: number
  /** How many bytes a file may have. @default 10737418240 */
  readonly maxFileBytes?: number
  /** What each tenant may hold. @default any number */
  readonly quota?: Quota
  /** How much of a file's text is indexed for search, in bytes. @default 262144 */
  readonly searchTextBytes?: number
  /** @default what is fast; both ways give the same answers */
  readonly looks?: Looks
}

/** What the file system, and all that is made of the same parts, stands on. */
export function createFileDeps(options: CreateFilesOptions): FileDeps {
  const { db, content, permissions, outbox, audit, ways, adminBypass } = options
  const rest = {
    db,
    contents: content,
    outbox,
    guard: new Guard({ permissions, audit, ways, adminBypass }),
    incoming: options.incoming ?? (() => Promise.resolve([])),
    indexers: options.contentIndexers ?? [],
    appends: new Turns(),
    keptVersions: options.keptVersions ?? 1_000,
    maxPathBytes: options.maxPathBytes ?? MAX_PATH_BYTES,
    maxPathDepth: options.maxPathDepth ?? 256,
    maxFileBytes: options.maxFileBytes ?? 10_737_418_240,
    quota: options.quota ?? { files: null, bytes: null },
    searchTextBytes: options.searchTextBytes ?? 262_144,
    looks: options.looks ?? { few: 64, first: 1_000 },
  }
  return { ...rest, backing: options.backing?.(rest) ?? noBacking }
}

/** The file system. */
export function createFiles(deps: FileDeps): Files {
  return {
    read: (context, path, accept) => read(deps, context, path, accept),
    write: (context, path, content, how) => write(deps, context, path, newContent(deps, context, content), how),
    upload: (context, path, source, how) => upload(deps, context, path, source, how),
    checkUpload: async (context, path, how) => void (await checkUpload(deps, context, path, how)),
    versionOfUpload: (uploadId) => deps.db.read(() => versionOfUpload(uploadId)),
    download: (context, path) => download(deps, context, path),
    append: (context, path, content, how = {}) => append(deps, context, path, content, how),
    edit: (context, path, edits, options) => edit(deps, context, path, edits, options),
    writeBatch: (context, files) => writeBatch(deps, context, files),
    readRange: (context, path, start, end) => readRange(deps, context, path, start, end),
    copy: (context, from, to) => copy(deps, context, from, to),
    listVersions: (context, path) => listVersions(deps, context, path),
    readVersions: (context, path, versions) => readVersions(deps, context, path, versions),
    rollback: (context, path, version) => rollback(deps, context, path, version),
    list: (context, path, how) => list(deps, context, path, how),
    listPage: (context, path, how) => listPage(deps, context, path, how),
    find: (context, path, patterns) => find(deps, context, path, patterns),
    stat: (context, path) => stat(deps, context, path),
    describe: (context, path) => describe(deps, context, path),
    exists: async (context, path) => (await stat(deps, context, path)) !== null,
    // By existing clients '/' is not taken for a directory.
    isDirectory: async (context, path) => {
      const entry = await stat(deps, context, path)
      return entry !== null && entry.kind === 'directory' && entry.path !== '/'
    },
    mkdir: (context, path, how) => mkdir(deps, context, path, how),
    rename: (context, from, to) => rename(deps, context, from, to),
    delete: (context, path, how) =>
      remove(deps, context, path, { action: 'delete', recursive: how?.recursive ?? false }),
    rmdir: (context, path, how) => remove(deps, context, path, { action: 'rmdir', recursive: how.recursive }),
  }
}
