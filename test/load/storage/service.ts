import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { credentials, Metadata } from '@grpc/grpc-js'
import { CheckRequest, CheckResponse } from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import { RebacServiceClient } from '../../../services/common/gen/nexus/rebac/v1/service.ts'
import type { RelationshipOperation } from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { RebacProcess } from '../../support/rebac-process.ts'
import { exampleFile, exampleUser } from './examples.ts'

const SECRET = 'a-secret-of-the-storage-benchmark'
const TENANT = 'bench'
const FILL_BATCH = 5_000
const FILLS_AT_ONCE = 4
const DECISION_ALLOWED = 2

export type Consistency = 'minimizeLatency' | 'fullyConsistent'

const asIs = (bytes: Buffer): Buffer => bytes
const NOTHING = Buffer.alloc(0)

/** A permission service of its own, with a client. */
export class BenchService {
  readonly #process: RebacProcess
  readonly #client: RebacServiceClient
  readonly #metadata = new Metadata()
  readonly #folder: string
  #next = 0

  private constructor(child: RebacProcess, address: string, folder: string) {
    this.#process = child
    this.#folder = folder
    this.#client = new RebacServiceClient(address, credentials.createInsecure())
    this.#metadata.set('authorization', `Bearer ${SECRET}`)
  }

  /** @param databaseUrl of PostgreSQL. @default SQLite in a new folder */
  static async start(databaseUrl?: string): Promise<BenchService> {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-bench-'))
    const child = new RebacProcess({
      NEXUS_DATA_DIR: folder,
      REBAC_TOKENS: `bench:${SECRET}`,
      ...(databaseUrl === undefined ? {} : { REBAC_DATABASE_URL: databaseUrl }),
    })
    return new BenchService(child, await child.address, folder)
  }

  /** The file of its SQLite database. */
  get file(): string {
    return join(this.#folder, 'rebac.db')
  }

  /** Writes relationships until there are so many. */
  async fill(count: number): Promise<void> {
    const one = async (): Promise<void> => {
      while (this.#next < count) await this.write(Math.min(FILL_BATCH, count - this.#next))
    }
    await Promise.all(Array.from({ length: FILLS_AT_ONCE }, one))
  }

  /** Creates new relationships in one request; returns how many. */
  async write(count: number): Promise<number> {
    const operations = Array.from({ length: count }, () => touch(this.#next++))
    await new Promise<void>((resolve, reject) => {
      const request = { tenant: TENANT, operations, preconditions: [], idempotencyKey: '' }
      this.#client.writeRelationships(request, this.#metadata, (error, answer) => {
        if (error !== null) reject(error)
        else if (answer.written.length !== count) reject(new Error(`${answer.written.length} of ${count} were written`))
        else resolve()
      })
    })
    return count
  }

  /** The standard health check on the same server: an empty request, an answer of one number, no work. */
  empty(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, NOTHING, (error) =>
        error === null ? resolve(1) : reject(error),
      )
    })
  }

  /** Checks a relationship that was written. */
  check(consistency: Consistency): Promise<number> {
    const index = Math.floor(Math.random() * this.#next)
    const request: CheckRequest = {
      tenant: TENANT,
      object: { type: 'file', id: exampleFile(index) },
      relation: 'direct_viewer',
      subject: { tenant: '', kind: { $case: 'object', value: { type: 'user', id: exampleUser(index) } } },
      alsoAs: [],
      resolveInheritance: false,
      context: undefined,
      contextualRelationships: [],
      consistency: { requirement: { $case: consistency, value: true } },
      schemaVersion: '',
      limits: undefined,
    }
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        '/nexus.rebac.v1.RebacService/Check',
        (message: CheckRequest) => Buffer.from(CheckRequest.encode(message).finish()),
        (bytes: Buffer) => CheckResponse.decode(bytes),
        request,
        this.#metadata,
        (error, answer) => {
          if (error !== null) reject(error)
          else if (answer?.decision !== DECISION_ALLOWED) reject(new Error(`file ${index}: not allowed`))
          else resolve(1)
        },
      )
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close()
    await this.#process.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function touch(index: number): RelationshipOperation {
  const kind = { $case: 'object' as const, value: { type: 'user', id: exampleUser(index) } }
  const value = {
    id: '',
    object: { type: 'file', id: exampleFile(index) },
    relation: 'direct_viewer',
    subject: { tenant: '', kind },
    condition: undefined,
    expiresAt: undefined,
    createdAt: undefined,
    attributes: undefined,
  }
  return { operation: { $case: 'touch', value } }
}
