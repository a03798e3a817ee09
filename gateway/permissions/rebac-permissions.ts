import { connectivityState, type ServiceError } from '@grpc/grpc-js'
import type { Registry } from 'prom-client'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { RebacServiceClient } from '../../services/common/gen/nexus/rebac/v1/service.ts'
import type {
  DeleteRelationshipsResponse,
  MoveObjectsResponse,
  ReadRelationshipsResponse,
  WriteRelationshipsResponse,
} from '../../services/common/gen/nexus/rebac/v1/write.ts'
import { callMetadata, callUnary, clientCredentials, clientOptions } from '../../services/common/grpc/client.ts'
import type { Logger } from '../../services/common/log.ts'
import { CheckClient } from './check-client.ts'
import type {
  ListObjectsQuestion,
  ObjectList,
  PermissionQuestion,
  Permissions,
  PermissionScope,
  RelationshipRow,
  Verdict,
} from './contract.ts'
import { isServing } from './health-probe.ts'
import type { Insight } from './insight.ts'
import { createPermissionMetrics } from './permission-metrics.ts'
import { rebacInsight } from './rebac-insight.ts'
import { retryUnavailable } from './retry.ts'
import type { Revision } from './revision-notes.ts'
import { collectObjects, toWireListObjects } from './wire-lists.ts'
import type { DefaultConsistency } from './wire-checks.ts'
import { fromWireRelationship, toWireFilter, toWireOperation } from './wire-relationships.ts'

export interface ConnectPermissionsOptions {
  /** host:port, or dns:///name:port to balance over replicas. */
  readonly address: string
  /** The gateway's secret. */
  readonly token: string
  /** PEM; null: the system's certificate authorities. */
  readonly ca: Buffer | null
  readonly plaintext: boolean
  readonly logger: Logger
  readonly registry?: Registry
  /** What questions without a token ask for. @default fully_consistent */
  readonly consistency?: DefaultConsistency
}

/** Relationships of one page when all are read. */
const PAGE_SIZE = 5_000

/** Everything that the gateway can ask of the permission service. */
export interface PermissionService extends Permissions {
  readonly insight: Insight
}

/** The permission service, as the gateway uses it. Connects by itself, and again whenever it has to. */
export function connectPermissions(options: ConnectPermissionsOptions): PermissionService {
  return new RebacPermissions(options)
}

class RebacPermissions implements PermissionService {
  readonly insight: Insight
  readonly #client: RebacServiceClient
  readonly #checks: CheckClient
  readonly #token: string
  readonly #consistency: DefaultConsistency
  readonly #closing = new AbortController()

  constructor({
    address,
    token,
    logger,
    registry,
    consistency = 'fully_consistent',
    ...transport
  }: ConnectPermissionsOptions) {
    this.#client = new RebacServiceClient(address, clientCredentials(transport), clientOptions)
    this.#token = token
    this.#consistency = consistency
    const metrics = createPermissionMetrics(registry)
    this.#checks = new CheckClient({ client: this.#client, token, consistency, logger, metrics })
    this.insight = rebacInsight(this.#client, (deadline, repeatable, start) => this.#unary(deadline, repeatable, start))
  }

  async check(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly boolean[]> {
    return (await this.#checks.verdicts(questions, scope)).map((verdict) => verdict !== 'denied')
  }

  verdicts(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly Verdict[]> {
    return this.#checks.verdicts(questions, scope)
  }

  listObjects(question: ListObjectsQuestion, scope: PermissionScope): Promise<ObjectList> {
    const { context, deadline } = scope
    const given = scope.atLeastAsFresh?.get(question.tenant) ?? null
    const ask = (token: string | null) =>
      this.#repeat({ deadline, repeatable: true }, () => {
        const request = toWireListObjects(question, { context, token }, this.#consistency)
        return collectObjects(this.#client.listObjects(request, callMetadata(this.#token), { deadline }))
      })
    return ask(given).catch((error: unknown) => {
      // A token from before a restore says nothing about the database that is there now.
      const isOld = error instanceof NexusError && error.reason === 'TOKEN_EPOCH' && given !== null
      if (isOld) return ask(null)
      throw error
    })
  }

  async write(request: Parameters<Permissions['write']>[0]) {
    const { tenant, operations, idempotencyKey, deadline } = request
    const wire = {
      tenant,
      operations: operations.map(toWireOperation),
      preconditions: [],
      idempotencyKey: idempotencyKey ?? '',
    }
    const repeatable = idempotencyKey !== null
    const { written, ...made } = await this.#unary<WriteRelationshipsResponse>(
      deadline,
      repeatable,
      (metadata, call, done) => this.#client.writeRelationships(wire, metadata, call, done),
    )
    return { ...made, written: written.map(fromWireRelationship) }
  }

  async deleteMatching(request: Parameters<Permissions['deleteMatching']>[0]) {
    const { tenant, filter, idempotencyKey, deadline } = request
    const wire = {
      tenant,
      filter: toWireFilter(filter),
      allowFull: false,
      preconditions: [],
      idempotencyKey: idempotencyKey ?? '',
    }
    const repeatable = idempotencyKey !== null
    return await this.#unary<DeleteRelationshipsResponse>(deadline, repeatable, (metadata, call, done) =>
      this.#client.deleteRelationships(wire, metadata, call, done),
    )
  }

  move(request: Parameters<Permissions['move']>[0]): Promise<MoveObjectsResponse> {
    const { deadline, ...wire } = request
    return this.#unary<MoveObjectsResponse>(deadline, true, (metadata, call, done) =>
      this.#client.moveObjects(wire, metadata, call, done),
    )
  }

  async read(request: Parameters<Permissions['read']>[0]): Promise<readonly RelationshipRow[]> {
    const { tenant, filter, deadline } = request
    const rows: RelationshipRow[] = []
    let cursor = ''
    do {
      const wire = { tenant, filter: toWireFilter(filter), consistency: undefined, pageSize: PAGE_SIZE, cursor }
      const page = await this.#unary<ReadRelationshipsResponse>(deadline, true, (metadata, call, done) =>
        this.#client.readRelationships(wire, metadata, call, done),
      )
      for (const relationship of page.relationships) rows.push(fromWireRelationship(relationship))
      cursor = page.nextCursor
    } while (cursor !== '')
    return rows
  }

  head(tenant: string, deadline: number): Promise<Revision> {
    // The page is of no interest: any answer says what it is an answer of.
    const wire = { tenant, filter: undefined, consistency: undefined, pageSize: 1, cursor: '' }
    return this.#unary<ReadRelationshipsResponse>(deadline, true, (metadata, call, done) =>
      this.#client.readRelationships(wire, metadata, call, done),
    )
  }

  healthy(deadline: number): Promise<boolean> {
    return isServing(this.#client, deadline)
  }

  close(): Promise<void> {
    this.#closing.abort()
    this.#checks.close()
    this.#client.close()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A unary call within a deadline, again while the service is away if it may be done twice. */
  #unary<Response>(deadline: number, repeatable: boolean, start: StartCall<Response>): Promise<Response> {
    return this.#repeat({ deadline, repeatable }, () =>
      callUnary<Response>((done) => start(callMetadata(this.#token), { deadline }, done)),
    )
  }

  #repeat<T>(
    { deadline, repeatable }: { readonly deadline: number; readonly repeatable: boolean },
    call: () => Promise<T>,
  ): Promise<T> {
    const { signal: stop } = this.#closing
    const attempt = async () => {
      // A request may outlive the drain; the channel would answer it with what looks like a defect.
      if (stop.aborted) throw new NexusError('UNAVAILABLE', 'The server is shutting down.')
      try {
        return await call()
      } catch (error) {
        throw this.#explain(error)
      }
    }
    return repeatable ? retryUnavailable({ deadline, stop }, attempt) : attempt()
  }

  /** A deadline that passed while nobody was there to answer says that nobody was there. */
  #explain(error: unknown): unknown {
    const late = error instanceof NexusError && error.reason === 'DEADLINE_EXCEEDED'
    if (late && this.#client.getChannel().getConnectivityState(false) !== connectivityState.READY) {
      return new NexusError('UNAVAILABLE', 'The permission service cannot be reached.', { cause: error })
    }
    if (error instanceof NexusError && error.reason === 'UNAUTHENTICATED') {
      return new NexusError('UNAVAILABLE', 'The permission service refuses this gateway.', { cause: error })
    }
    return error
  }
}

type StartCall<Response> = (
  metadata: ReturnType<typeof callMetadata>,
  call: { readonly deadline: number },
  done: (error: ServiceError | null, response: Response) => void,
) => unknown
