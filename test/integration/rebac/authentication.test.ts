import { beforeAll, describe, expect, it } from 'vitest'
import { failureOf, type TestClient } from './support/client.ts'
import { askOnce } from './support/stream.ts'
import { servicesForSuite, type TestService } from './support/service.ts'
import { bulkRequest, checkRequest, filter, message, operation } from './support/wire.ts'
import { ExpandRequest } from '../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { CheckStreamItem } from '../../../services/common/gen/nexus/rebac/v1/check.ts'

const READER = 'reader-secret-0123456789'
const ACME = 'acme-secret-01234567890'
const BOTH = 'acme-reader-0123456789'
const ALL = 'another-one-0123456789'

type Call = (client: TestClient, tenant: string) => Promise<unknown>

const reads: Record<string, Call> = {
  Check: (client, tenant) => client.check(checkRequest('user:a read file:/x', { tenant })),
  CheckBulk: (client, tenant) => client.checkBulk(bulkRequest(['user:a read file:/x'], { tenant })),
  ReadRelationships: (client, tenant) => client.read({ tenant }),
  ReadSchema: (client, tenant) => client.readSchema({ tenant }),
}
const writes: Record<string, Call> = {
  WriteRelationships: (client, tenant) =>
    client.write({ tenant, operations: [operation('touch', 'file:/x#direct_viewer@user:a')] }),
  DeleteRelationships: (client, tenant) => client.delete({ tenant, filter: filter({ objectType: 'file' }) }),
  WriteSchema: (client, tenant) =>
    client.writeSchema({ tenant, format: 3, model: '{"file": {"relations": {"a": {}}}}' }),
}
const calls = Object.entries({ ...reads, ...writes })

describe('authentication', () => {
  const { start } = servicesForSuite()
  let service: TestService
  beforeAll(async () => {
    service = await start({
      REBAC_TOKENS: `all:${ALL} reader:${READER}:ro acme:${ACME}:acme,beta;both:${BOTH}:ro:acme`,
    })
  })

  it.each(calls)('%s is refused without a secret, and with a wrong one', async (_name, call) => {
    expect(await failureOf(call(service.connect(null), 'acme'))).toMatchObject({ code: 16, reason: 'UNAUTHENTICATED' })
    expect(await failureOf(call(service.connect('wrong'), 'acme'))).toMatchObject({
      code: 16,
      reason: 'UNAUTHENTICATED',
    })
    expect(await failureOf(call(service.connect(''), 'acme'))).toMatchObject({ code: 16, reason: 'UNAUTHENTICATED' })
  })

  it.each(calls)('%s is refused for a tenant that the secret is not for', async (_name, call) => {
    expect(await failureOf(call(service.connect(ACME), 'other'))).toMatchObject({
      code: 7,
      reason: 'TOKEN_NOT_PERMITTED',
    })
    await call(service.connect(ACME), 'beta')
  })

  it.each(Object.entries(writes))('%s is refused with a read-only secret', async (_name, call) => {
    for (const secret of [READER, BOTH]) {
      expect(await failureOf(call(service.connect(secret), 'acme'))).toMatchObject({
        code: 7,
        reason: 'TOKEN_NOT_PERMITTED',
      })
    }
  })

  it.each(Object.entries(reads))('%s is answered with a read-only secret', async (_name, call) => {
    for (const secret of [READER, BOTH]) await expect(call(service.connect(secret), 'acme')).resolves.toBeDefined()
  })

  it('takes a bare secret and any case of "bearer"', async () => {
    for (const header of [ALL, `bearer ${ALL}`, `BEARER  ${ALL}`]) {
      const client = service.connect(null)
      client.metadata.set('authorization', header)
      await expect(client.allows('user:a read file:/x')).resolves.toBe(false)
    }
  })

  it('refuses what is not available yet only to those who may ask', async () => {
    const request = message(ExpandRequest, { tenant: 'acme' })
    const anonymous = service.connect(null)
    expect(await failureOf(anonymous.expand(request))).toMatchObject({ code: 16 })
  })

  it('refuses a stream without a secret, and items of foreign tenants one by one', async () => {
    const item = (id: number, tenant: string) =>
      message(CheckStreamItem, {
        id,
        question: { $case: 'check', value: checkRequest('user:a read file:/x', { tenant }) },
      })
    await expect(askOnce(service.connect(null), [item(1, 'acme')])).rejects.toMatchObject({ code: 16 })
    const results = await askOnce(service.connect(ACME), [item(1, 'acme'), item(2, 'other'), item(3, 'beta')])
    expect(results.get(1)).toMatchObject({ $case: 'check' })
    expect(results.get(2)).toMatchObject({ $case: 'error', value: { code: 7, reason: 'TOKEN_NOT_PERMITTED' } })
    expect(results.get(3)).toMatchObject({ $case: 'check' })
  })

  it('tells the error in the standard details too', async () => {
    const client = service.connect(null)
    const error = await client.check(checkRequest('user:a read file:/x')).catch((reason: unknown) => reason)
    const [details] = (error as { metadata: { get(key: string): (string | Buffer)[] } }).metadata.get(
      'grpc-status-details-bin',
    )
    const text = Buffer.from(details ?? '').toString('latin1')
    expect(text).toContain('type.googleapis.com/google.rpc.ErrorInfo')
    expect(text).toContain('UNAUTHENTICATED')
    expect(text).toContain('nexus')
  })
})
