import { ChannelCredentials, type ClientUnaryCall, Metadata, type ServiceError } from '@grpc/grpc-js'
import {
  type CheckBulkRequest,
  type CheckBulkResponse,
  type CheckRequest,
  type CheckResponse,
} from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import type {
  ExpandRequest,
  ExpandResponse,
  ExplainRequest,
  ExplainResponse,
  ListPermissionsRequest,
  ListPermissionsResponse,
} from '../../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import {
  ReadSchemaRequest,
  type ReadSchemaResponse,
  ReflectSchemaRequest,
  type ReflectSchemaResponse,
  WriteSchemaRequest,
  type WriteSchemaResponse,
} from '../../../../services/common/gen/nexus/rebac/v1/schema.ts'
import { RebacServiceClient } from '../../../../services/common/gen/nexus/rebac/v1/service.ts'
import {
  DeleteRelationshipsRequest,
  type DeleteRelationshipsResponse,
  ReadRelationshipsRequest,
  type ReadRelationshipsResponse,
  WriteRelationshipsRequest,
  type WriteRelationshipsResponse,
} from '../../../../services/common/gen/nexus/rebac/v1/write.ts'
import { checkRequest, filter, message, operation } from './wire.ts'

/** How a call went wrong, as a client sees it. */
export interface CallFailure {
  readonly code: number
  readonly reason: string
  readonly message: string
}

type Start<Q, R> = (
  request: Q,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: R) => void,
) => ClientUnaryCall

/** The service as another service sees it, with promises. */
export class TestClient {
  readonly raw: RebacServiceClient
  readonly metadata = new Metadata()

  constructor(address: string, secret: string | null, credentials = ChannelCredentials.createInsecure()) {
    this.raw = new RebacServiceClient(address, credentials)
    if (secret !== null) this.metadata.set('authorization', `Bearer ${secret}`)
  }

  unary<Q, R>(start: Start<Q, R>, request: Q, timeoutMs = 10_000): Promise<R> {
    return new Promise((resolve, reject) => {
      start(request, this.metadata, { deadline: Date.now() + timeoutMs }, (error, response) => {
        if (error === null) resolve(response)
        else reject(error)
      })
    })
  }

  check(request: CheckRequest, timeoutMs?: number): Promise<CheckResponse> {
    return this.unary((...call) => this.raw.check(...call), request, timeoutMs)
  }

  expand(request: ExpandRequest): Promise<ExpandResponse> {
    return this.unary((...call) => this.raw.expand(...call), request)
  }

  explain(request: ExplainRequest): Promise<ExplainResponse> {
    return this.unary((...call) => this.raw.explain(...call), request)
  }

  listPermissions(request: ListPermissionsRequest): Promise<ListPermissionsResponse> {
    return this.unary((...call) => this.raw.listPermissions(...call), request)
  }

  /** "user:alice read file:/a" */
  async allows(text: string, fields: Partial<CheckRequest> = {}): Promise<boolean> {
    return (await this.check(checkRequest(text, fields))).decision === 2
  }

  checkBulk(request: CheckBulkRequest): Promise<CheckBulkResponse> {
    return this.unary((...call) => this.raw.checkBulk(...call), request)
  }

  write(fields: Partial<WriteRelationshipsRequest>): Promise<WriteRelationshipsResponse> {
    return this.unary(
      (...call) => this.raw.writeRelationships(...call),
      message(WriteRelationshipsRequest, { tenant: 'acme', ...fields }),
    )
  }

  /** Touches relationships written as file:/a#direct_owner@user:alice. */
  grant(...texts: string[]): Promise<WriteRelationshipsResponse> {
    return this.write({ operations: texts.map((text) => operation('touch', text)) })
  }

  revoke(...texts: string[]): Promise<WriteRelationshipsResponse> {
    return this.write({ operations: texts.map((text) => operation('delete', text)) })
  }

  read(fields: Partial<ReadRelationshipsRequest> = {}): Promise<ReadRelationshipsResponse> {
    return this.unary(
      (...call) => this.raw.readRelationships(...call),
      message(ReadRelationshipsRequest, { tenant: 'acme', filter: filter(), ...fields }),
    )
  }

  delete(fields: Partial<DeleteRelationshipsRequest>): Promise<DeleteRelationshipsResponse> {
    return this.unary(
      (...call) => this.raw.deleteRelationships(...call),
      message(DeleteRelationshipsRequest, { tenant: 'acme', ...fields }),
    )
  }

  readSchema(fields: Partial<ReadSchemaRequest> = {}): Promise<ReadSchemaResponse> {
    return this.unary(
      (...call) => this.raw.readSchema(...call),
      message(ReadSchemaRequest, { tenant: 'acme', ...fields }),
    )
  }

  reflectSchema(fields: Partial<ReflectSchemaRequest> = {}): Promise<ReflectSchemaResponse> {
    return this.unary(
      (...call) => this.raw.reflectSchema(...call),
      message(ReflectSchemaRequest, { tenant: 'acme', ...fields }),
    )
  }

  writeSchema(fields: Partial<WriteSchemaRequest>): Promise<WriteSchemaResponse> {
    return this.unary(
      (...call) => this.raw.writeSchema(...call),
      message(WriteSchemaRequest, { tenant: 'acme', format: 1, ...fields }),
    )
  }

  close(): void {
    this.raw.close()
  }
}

/** The failure of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  let answer: unknown
  try {
    answer = await call
  } catch (error) {
    if (!isServiceError(error)) throw error
    return { code: error.code, reason: String(error.metadata.get('nexus-reason')[0] ?? ''), message: error.details }
  }
  throw new Error(`the call did not fail but answered ${JSON.stringify(answer)}`)
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error
}
