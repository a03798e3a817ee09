import type { Auditor } from '../audit/auditor.ts'
import type { Contents } from '../content/contents.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { Files } from './contract.ts'
import type { FileDeps } from './deps.ts'
import { Guard } from './guard.ts'
import type { WriteIndexer } from './indexer.ts'
import { list } from './list.ts'
import { mkdir } from './mkdir.ts'
import { read, stat } from './read.ts'
import { remove } from './remove.ts'
import { write } from './write.ts'

export interface CreateFilesOptions {
  readonly db: GatewayDatabase
  readonly content: Contents
  readonly permissions: Permissions
  readonly outbox: Outbox
  readonly audit: Auditor
  /** Administrators need no permission in their own tenant (NEXUS_ALLOW_ADMIN_BYPASS). */
  readonly adminBypass: boolean
  /** The first that has a row for a file that is written decides. @default none */
  readonly contentIndexers?: readonly WriteIndexer[]
}

/** The file system. */
export function createFiles(options: CreateFilesOptions): Files {
  const { db, content, permissions, outbox, audit, adminBypass } = options
  const guard = new Guard({ permissions, audit, adminBypass })
  const deps: FileDeps = { db, contents: content, outbox, guard, indexers: options.contentIndexers ?? [] }
  return {
    read: (context, path) => read(deps, context, path),
    write: (context, path, content, how) => write(deps, context, path, content, how),
    list: (context, path, how) => list(deps, context, path, how),
    stat: (context, path) => stat(deps, context, path),
    exists: async (context, path) => (await stat(deps, context, path)) !== null,
    // By existing clients '/' is not taken for a directory.
    isDirectory: async (context, path) => {
      const entry = await stat(deps, context, path)
      return entry !== null && entry.kind === 'directory' && entry.path !== '/'
    },
    mkdir: (context, path, how) => mkdir(deps, context, path, how),
    delete: (context, path) => remove(deps, context, path, { action: 'delete', recursive: false }),
    rmdir: (context, path, how) => remove(deps, context, path, { action: 'rmdir', recursive: how.recursive }),
  }
}
