import type { Database } from '../../common/sql/database.ts'
import type { Script } from '../../common/sql/script.ts'
import { recall } from './commands/idempotency.ts'
import type { MoveMessage } from './commands/move.ts'
import type { StoreCommands } from './commands.ts'
import type {
  CollectedTenant,
  DeleteRequest,
  LoadedTenant,
  TakePage,
  LogPage,
  MoveRequest,
  MoveResult,
  Reading,
  ReadRequest,
  ReadResult,
  RelationshipStore,
  Share,
  SharesRequest,
  StoredSchema,
  StoreIdentity,
  TenantSnapshot,
  WriteRequest,
  WriteResult,
  WriteSchemaRequest,
} from './contract.ts'
import { fromResultMessage, toWriteMessage } from './messages.ts'
import { Growth } from './postgres/growth.ts'
import { exceeds } from './reads/exceeds.ts'
import { readHeads } from './reads/heads.ts'
import { loadTenant } from './reads/load-tenant.ts'
import { readLog } from './reads/read-log.ts'
import { readRelationships } from './reads/read-relationships.ts'
import { readShares } from './reads/read-shares.ts'
import { readSchema } from './reads/read-schema.ts'
import { schemaVersionAt } from './reads/schema-version-at.ts'
import { openTenantSnapshot } from './reads/tenant-snapshot.ts'
import { tenantsWithExpired, tenantsWithOldLog } from './reads/tenants-to-clean.ts'

/** Rows and tenants of one step of cleaning: small, so that writers hardly wait. */
const STEP = 200

/** The store over either engine. A tenant's writes are one group, so they commit in the order of their calls. */
export class SqlRelationshipStore implements RelationshipStore {
  readonly sharing: 'exclusive' | 'shared'
  readonly identity: StoreIdentity
  readonly #database: Database<StoreCommands>
  readonly #growth = new Growth()

  constructor(database: Database<StoreCommands>, identity: StoreIdentity) {
    this.#database = database
    this.identity = identity
    this.sharing = database.dialect === 'sqlite' ? 'exclusive' : 'shared'
  }

  heads(tenants: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#database.read(() => readHeads(this.#database.dialect, tenants))
  }

  loadTenant(tenant: string, begin: () => TakePage, now: number = Date.now()): Promise<LoadedTenant> {
    return this.#database.read(() => loadTenant(tenant, begin, now), { long: true })
  }

  exceeds(tenant: string, count: number): Promise<boolean> {
    return this.#database.read(() => exceeds(tenant, count), { long: true })
  }

  readSnapshot<T>(tenant: string, work: (snapshot: TenantSnapshot) => Reading<T>, deadline: number): Promise<T> {
    const { dialect } = this.#database
    const script = function* (): Script<T> {
      return yield* work(yield* openTenantSnapshot(dialect, tenant))
    }
    return this.#database.read(script, { long: true, deadline })
  }

  readLog(tenant: string, after: number, limit: number): Promise<LogPage> {
    return this.#database.read(() => readLog(tenant, after, limit))
  }

  readRelationships(request: ReadRequest): Promise<ReadResult> {
    return this.#database.read(() => readRelationships(this.#database.dialect, request))
  }

  readShares(request: SharesRequest): Promise<readonly Share[]> {
    return this.#database.read(() => readShares(request))
  }

  readSchema(tenant: string, version: string): Promise<StoredSchema | null> {
    return this.#database.read(() => readSchema(tenant, version))
  }

  schemaVersionAt(tenant: string, revision: number): Promise<string> {
    return this.#database.read(() => schemaVersionAt(tenant, revision))
  }

  async write(request: WriteRequest): Promise<WriteResult> {
    const options = { group: request.tenant, deadline: request.deadline }
    const result = fromResultMessage(await this.#database.write('write', toWriteMessage(request), options))
    if (this.sharing === 'shared' && this.#growth.add(result.changes.length)) this.#analyze()
    return result
  }

  async deleteMatching(request: DeleteRequest): Promise<WriteResult> {
    const options = { group: request.tenant, deadline: request.deadline }
    return fromResultMessage(await this.#database.write('deleteMatching', request, options))
  }

  async move(request: MoveRequest): Promise<MoveResult> {
    const options = { group: request.tenant, deadline: request.deadline }
    const message = await this.#database.write('move', request, options)
    return { ...fromResultMessage(message), movedCount: message.movedCount }
  }

  async recall(tenant: string, idempotency: { key: string; requestHash: string }): Promise<MoveResult | null> {
    const message = await this.#database.read(() => recall<MoveMessage>(tenant, idempotency))
    return message === null ? null : { ...fromResultMessage(message), movedCount: message.movedCount ?? 0 }
  }

  writeSchema(request: WriteSchemaRequest): Promise<{ readonly revision: number }> {
    return this.#database.write('writeSchema', request, { group: request.tenant, deadline: request.deadline })
  }

  async trim({ logBefore, keysBefore }: { readonly logBefore: number; readonly keysBefore: number }): Promise<void> {
    for await (const tenant of this.#tenants((after) => tenantsWithOldLog(logBefore, after, STEP))) {
      const step = { tenant, before: logBefore, now: Date.now(), limit: STEP }
      while (await this.#database.write('trimLog', step, { group: tenant })) continue
    }
    while (await this.#database.write('trimKeys', { before: keysBefore, limit: STEP })) continue
  }

  async collectExpired(now: number): Promise<readonly CollectedTenant[]> {
    const collected: CollectedTenant[] = []
    for await (const tenant of this.#tenants((after) => tenantsWithExpired(now, after, STEP))) {
      for (;;) {
        const step = { tenant, now, limit: STEP }
        const message = await this.#database.write('collectExpired', step, { group: tenant })
        const { revision, changes } = fromResultMessage(message)
        if (changes.length > 0) collected.push({ tenant, revision, changes })
        if (changes.length < STEP) break
      }
    }
    return collected
  }

  close(): Promise<void> {
    return this.#database.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Behind the back of the write that made it necessary; a failure only leaves old statistics. */
  #analyze(): void {
    this.#database.write('analyze', null, { group: 'analyze' }).catch(() => undefined)
  }

  /** Walks over the tenants that a script finds, a page at a time. */
  async *#tenants(page: (after: string) => Script<readonly string[]>): AsyncGenerator<string> {
    for (let after = ''; ; ) {
      const tenants = await this.#database.read(() => page(after))
      yield* tenants
      if (tenants.length < STEP) return
      after = tenants.at(-1) ?? ''
    }
  }
}
