import { fileURLToPath } from 'node:url'
import { ChannelCredentials, type Client, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { beforeAll, describe, expect, it } from 'vitest'
import { SECRET, servicesForSuite } from './support/service.ts'

/** What another service's author has: the .proto files and a generic gRPC library. */
type Unary = (
  request: object,
  metadata: Metadata,
  callback: (error: ServiceError | null, answer: Answer) => void,
) => void
type Answer = Record<string, unknown>
interface Duplex {
  on(event: 'data', listener: (answer: Answer) => void): void
  write(message: object): void
  end(): void
}
type Service = Client & Record<string, Unary> & { CheckStream(metadata: Metadata): Duplex }

const PROTO = fileURLToPath(new URL('../../../proto', import.meta.url))

describe('the contract, by its .proto files alone', () => {
  const { start, defer } = servicesForSuite()
  let service: Service
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${SECRET}`)
  beforeAll(async () => {
    const { address } = await start()
    const options = { includeDirs: [PROTO], keepCase: true, enums: String, defaults: true, oneofs: true, longs: String }
    const contract = loadPackageDefinition(loadSync('nexus/rebac/v1/service.proto', options)) as unknown as {
      nexus: { rebac: { v1: { RebacService: new (address: string, credentials: ChannelCredentials) => Service } } }
    }
    service = new contract.nexus.rebac.v1.RebacService(address, ChannelCredentials.createInsecure())
    defer(() => service.close())
  })

  const call = (method: string, request: object) =>
    new Promise<Answer>((resolve, reject) => {
      service[method]?.(request, metadata, (error, answer) => (error === null ? resolve(answer) : reject(error)))
    })
  const alice = { object: { type: 'user', id: 'alice' } }
  const docs = { type: 'file', id: '/docs' }

  it('writes, checks, reads and deletes', async () => {
    const created = {
      object: docs,
      relation: 'direct_viewer',
      subject: alice,
      attributes: { fields: { a: { numberValue: 1 } } },
    }
    const written = await call('WriteRelationships', {
      tenant: 'acme',
      operations: [{ create: created }],
      idempotency_key: 'k',
    })
    expect(written).toMatchObject({ written: [{ object: docs, relation: 'direct_viewer' }], deleted_count: 0 })
    const check = {
      tenant: 'acme',
      object: docs,
      relation: 'read',
      subject: alice,
      consistency: { at_least_as_fresh: written['token'] },
    }
    expect(await call('Check', check)).toMatchObject({ decision: 'DECISION_ALLOWED' })
    const bulk = { tenant: 'acme', items: [{ object: docs, relation: 'read', subject: alice }] }
    expect(await call('CheckBulk', bulk)).toMatchObject({ results: [{ decision: 'DECISION_ALLOWED' }] })
    const read = await call('ReadRelationships', { tenant: 'acme', filter: { object_type: 'file' } })
    expect(read).toMatchObject({ relationships: [{ object: docs, attributes: { fields: { a: { numberValue: 1 } } } }] })
    expect(await call('DeleteRelationships', { tenant: 'acme', filter: { subject: { type: 'user' } } })).toMatchObject({
      deleted_count: 1,
    })
    expect(await call('Check', { ...check, consistency: undefined })).toMatchObject({ decision: 'DECISION_DENIED' })
  })

  it('answers a stream', async () => {
    const stream = service.CheckStream(metadata)
    const answer = new Promise((resolve) => stream.on('data', resolve))
    stream.write({ items: [{ id: 1, check: { tenant: 'acme', object: docs, relation: 'read', subject: alice } }] })
    expect(await answer).toMatchObject({ results: [{ id: 1, check: { decision: 'DECISION_DENIED' } }] })
    stream.end()
  })

  it('tells the reason of an error in a trailer', async () => {
    const failed = await call('Check', { tenant: 'acme', object: docs, relation: '', subject: alice }).catch(
      (error: ServiceError) => error,
    )
    expect(failed).toMatchObject({ code: 3, details: expect.stringContaining('relation') })
    expect((failed as ServiceError).metadata.get('nexus-reason')).toEqual(['INVALID_RELATION'])
  })
})
