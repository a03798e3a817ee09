import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { afterEach } from 'vitest'
import { type Auditor, createAuditor } from '../../../gateway/audit/auditor.ts'
import { createContents } from '../../../gateway/content/contents.ts'
import { FileContentStore } from '../../../gateway/content/file-content-store.ts'
import type { CallContext, Caller } from '../../../gateway/context.ts'
import type { Files } from '../../../gateway/files/contract.ts'
import { createFileDeps, createFiles } from '../../../gateway/files/create-files.ts'
import type { Looks } from '../../../gateway/files/deps.ts'
import type { WriteIndexer } from '../../../gateway/files/indexer.ts'
import { type Outbox, startOutboxApplier } from '../../../gateway/outbox/applier.ts'
import { createRights } from '../../../gateway/relationships/rights.ts'
import { indexBacklog } from '../../../gateway/search/backlog.ts'
import type { Search } from '../../../gateway/search/contract.ts'
import { createSearch } from '../../../gateway/search/search.ts'
import { type GatewayDatabase, openGatewayDatabase } from '../../../gateway/store/open-store.ts'
import { createTrash, type Trash } from '../../../gateway/trash/trash.ts'
import { all } from '../../../services/common/sql/script.ts'
import { FakePermissions, user } from '../../support/fake-permissions.ts'

/** What a suite is given: a place for one database, that can be opened again. */
export interface Engine {
  readonly name: 'sqlite' | 'postgres'
  /** The URL of an empty database; `directory` is for its files and goes with the test. */
  readonly place: (directory: string) => Promise<string>
}

/** One gateway process: everything between Files and the database, with the permission service in memory. */
export interface Gateway {
  readonly db: GatewayDatabase
  readonly store: FileContentStore
  readonly contentDirectory: string
  readonly permissions: FakePermissions
  readonly files: Files
  readonly search: Search
  readonly trash: Trash
  /** Indexes what was there before; resolves when that is done. */
  readonly indexBacklog: () => Promise<void>
  readonly outbox: Outbox
  readonly audit: Auditor
  readonly logged: string[]
  close(): Promise<void>
  /** Ends as if killed: what was not in the database yet never comes there. */
  crash(): Promise<void>
}

export interface StartOptions {
  readonly indexer?: WriteIndexer
  readonly ownerId?: string
  readonly looks?: Looks
}

/** A place with a database, in which gateways are started. */
export interface World {
  readonly permissions: FakePermissions
  /** Runs statements on the database while no gateway has it. */
  execute(sql: string): Promise<void>
  start(options?: StartOptions): Promise<Gateway>
}

/** Makes worlds for the tests of a file and clears them away after each test. */
export function worlds(engine: Engine): () => Promise<World> {
  const undo: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step()
  })
  return async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nexus-gateway-'))
    undo.push(() => rm(directory, { recursive: true, force: true }))
    const url = await engine.place(directory)
    const permissions = new FakePermissions()
    undo.push(async () => permissions.resume())
    return {
      permissions,
      execute: (sql) => execute(url, sql),
      start: async (options = {}) => {
        const gateway = await startGateway(url, directory, permissions, options)
        undo.push(() => gateway.close())
        return gateway
      },
    }
  }
}

async function startGateway(
  url: string,
  directory: string,
  permissions: FakePermissions,
  options: StartOptions,
): Promise<Gateway> {
  const db = await openGatewayDatabase({ url })
  const logged: string[] = []
  const log = (_fields: unknown, text?: string): void => {
    logged.push(text ?? '')
  }
  const contentDirectory = join(directory, 'content')
  const store = new FileContentStore(contentDirectory)
  const ownerId = options.ownerId ?? 'gateway-1'
  const logger = { info: log, warn: log, error: log } as never
  const outbox = startOutboxApplier({ db, permissions, logger, ownerId })
  const audit = createAuditor({ db })
  const deps = createFileDeps({
    db,
    content: createContents({ db, store }),
    permissions,
    outbox,
    audit,
    adminBypass: true,
    contentIndexers: options.indexer === undefined ? [] : [options.indexer],
    ...(options.looks === undefined ? {} : { looks: options.looks }),
  })
  const rights = createRights({ permissions, auditor: audit, allowAdminBypass: true })
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await outbox.close()
    await audit.close()
    await db.close()
  }
  const crash = async (): Promise<void> => {
    await db.close()
    await outbox.close()
  }
  return {
    db,
    store,
    contentDirectory,
    permissions,
    files: createFiles(deps),
    search: createSearch(deps),
    trash: createTrash(deps, rights),
    indexBacklog: () =>
      indexBacklog({ db, store, logger, textBytes: deps.searchTextBytes }, new AbortController().signal),
    outbox,
    audit,
    logged,
    close: () => (closed ??= close()),
    crash: () => (closed ??= crash()),
  }
}

async function execute(url: string, sql: string): Promise<void> {
  if (url.startsWith('sqlite:')) {
    const database = new BetterSqlite3(url.slice('sqlite:'.length))
    database.exec(sql)
    database.close()
    return
  }
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

let requests = 0

/** The context of a request of a plain user. */
export function as(id: string, options: Partial<Caller> & { readonly timeoutMs?: number } = {}): CallContext {
  const { timeoutMs, ...caller } = options
  const now = Date.now()
  return {
    caller: {
      keyId: `key-${id}`,
      tenant: 'acme',
      subject: user(id),
      user: id,
      agentId: null,
      isAdmin: false,
      isGlobalAdmin: false,
      inheritPermissions: false,
      ...caller,
    },
    requestId: `request-${++requests}`,
    scope: { context: {}, deadline: now + (timeoutMs ?? 20_000), atLeastAsFresh: null },
    now,
  }
}

export const admin = (options: { timeoutMs?: number } = {}): CallContext => as('root', { isAdmin: true, ...options })
export const globalAdmin = (): CallContext => as('root', { isAdmin: true, isGlobalAdmin: true })

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export async function text(files: Files, context: CallContext, path: string): Promise<string> {
  return new TextDecoder().decode((await files.read(context, path)).content)
}

export async function paths(files: Files, context: CallContext, path: string, recursive = true): Promise<string[]> {
  return (await files.list(context, path, { recursive })).map((entry) => entry.path)
}

/** Rows of a query, for looking at what is really stored. */
export function rows<R>(gateway: Gateway, sql: string): Promise<readonly R[]> {
  return gateway.db.read(() => all<R>(sql))
}

/** Resolves when a condition holds; fails after half a minute. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('what the test waits for did not happen')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
