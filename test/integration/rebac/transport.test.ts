import { ChannelCredentials, type Client, loadPackageDefinition, Metadata } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { protoPath as healthProto } from 'grpc-health-check'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { createRegistry } from '../../../services/common/metrics/metrics.ts'
import { describe, expect, it } from 'vitest'
import { connectPermissions } from '../../../gateway/permissions/rebac-permissions.ts'
import type { RelationshipStore } from '../../../services/rebac/store/contract.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { makeCertificate } from './support/certificate.ts'
import { failureOf, TestClient } from './support/client.ts'
import { SECRET, servicesForSuite } from './support/service.ts'
import { withMethods } from './support/store.ts'
import { checkRequest } from './support/wire.ts'

interface Readable {
  on(event: string, listener: (value: Record<string, unknown>) => void): void
  write(message: object): void
  end(): void
}

function connectTo(
  address: string,
  proto: string,
  service: string,
): Client & Record<string, (...args: unknown[]) => Readable> {
  const definition = loadPackageDefinition(loadSync(proto, { enums: String, defaults: true }))
  const found = service.split('.').reduce<unknown>((value, part) => Reflect.get(value as object, part), definition)
  const Service = found as new (address: string, credentials: ChannelCredentials) => ReturnType<typeof connectTo>
  return new Service(address, ChannelCredentials.createInsecure())
}

const next = (stream: Readable, event = 'data') =>
  new Promise<Record<string, unknown>>((resolve) => stream.on(event, resolve))

describe('transport', () => {
  const { start, makeFolder, defer } = servicesForSuite()
  const connect = (address: string, proto: string, service: string) => {
    const client = connectTo(address, proto, service)
    defer(() => client.close())
    return client
  }

  it('tells its health to anyone, and that it goes away', async () => {
    const { address, close } = await start()
    const client = connect(address, healthProto, 'grpc.health.v1.Health')
    for (const service of ['', 'nexus.rebac.v1.RebacService']) {
      const answer = new Promise((resolve) =>
        client['check']?.({ service }, (_error: unknown, value: unknown) => resolve(value)),
      )
      expect(await answer).toEqual({ status: 'SERVING' })
    }
    const watch = client['watch']?.({ service: '' }) as Readable
    const seen: unknown[] = []
    watch.on('data', ({ status }) => seen.push(status))
    await next(watch)
    const ended = next(watch, 'end')
    await close()
    await ended
    expect(seen).toEqual(['SERVING', 'NOT_SERVING'])
  })

  it('describes itself to those who have a secret', async () => {
    const { address } = await start()
    const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'))
    const client = connect(
      address,
      join(folder, 'build/proto/grpc/reflection/v1/reflection.proto'),
      'grpc.reflection.v1.ServerReflection',
    )
    const anonymous = client['serverReflectionInfo']?.() as Readable
    const refused = next(anonymous, 'error')
    anonymous.write({ listServices: '*' })
    expect(await refused).toMatchObject({ code: 16 })
    const metadata = new Metadata()
    metadata.set('authorization', SECRET)
    const stream = client['serverReflectionInfo']?.(metadata) as Readable
    const answer = next(stream)
    stream.write({ listServices: '*' })
    expect(JSON.stringify(await answer)).toContain('nexus.rebac.v1.RebacService')
    const file = next(stream)
    stream.write({ fileContainingSymbol: 'nexus.rebac.v1.RebacService' })
    expect(await file).toHaveProperty('fileDescriptorResponse')
    stream.end()
  })

  it('speaks TLS to those who trust its certificate', async ({ skip }) => {
    const folder = await makeFolder()
    const made = makeCertificate(folder)
    if (made === null) {
      skip('no openssl on this machine')
      return
    }
    const { address } = await start({ REBAC_TLS_CERT: made.certificate, REBAC_TLS_KEY: made.key })
    const trusting = new TestClient(address, SECRET, ChannelCredentials.createSsl(made.ca))
    const plain = new TestClient(address, SECRET)
    defer(() => [trusting, plain].forEach((client) => client.close()))
    await trusting.grant('file:/docs#direct_owner@user:alice')
    expect(await failureOf(plain.check(checkRequest('user:alice read file:/docs')))).toMatchObject({ code: 14 })

    const logger = pino({ level: 'silent' })
    const permissions = connectPermissions({ address, token: SECRET, ca: made.ca, plaintext: false, logger })
    defer(() => permissions.close())
    const rows = await permissions.read({ tenant: 'acme', filter: {}, deadline: Date.now() + 5_000 })
    expect(rows).toHaveLength(1)
    await expect(permissions.healthy(Date.now() + 5_000)).resolves.toBe(true)
  })

  it('names an unusable certificate', async () => {
    const files = { REBAC_TLS_CERT: import.meta.filename, REBAC_TLS_KEY: import.meta.filename }
    await expect(start(files)).rejects.toMatchObject({
      reason: 'CONFIG_INVALID',
      message: expect.stringContaining('TLS'),
    })
    await expect(start({ REBAC_TLS_CERT: import.meta.filename })).rejects.toMatchObject({ reason: 'CONFIG_INVALID' })
  })

  it('finishes what is in flight before it goes', async () => {
    const store = await openRelationshipStore({ url: `sqlite:${await makeFolder()}/rebac.db` })
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const loadTenant: RelationshipStore['loadTenant'] = async (tenant, begin) => {
      reached.resolve()
      await go.promise
      return store.loadTenant(tenant, begin)
    }
    const { client, close } = await start({}, { store: withMethods(store, { loadTenant }) })
    const waiting = client.allows('user:alice read file:/docs')
    await reached.promise
    const closed = close()
    go.resolve()
    await expect(waiting).resolves.toBe(false)
    await closed
    expect(await failureOf(client.check(checkRequest('user:alice read file:/docs')))).toMatchObject({ code: 14 })
  })

  it('abandons what is in flight after the grace time', async () => {
    const store = await openRelationshipStore({ url: `sqlite:${await makeFolder()}/rebac.db` })
    const reached = Promise.withResolvers<void>()
    const loadTenant: RelationshipStore['loadTenant'] = () => {
      reached.resolve()
      return new Promise(() => {})
    }
    const { client, close } = await start({}, { store: withMethods(store, { loadTenant }), drainMs: 50 })
    const waiting = failureOf(client.allows('user:alice read file:/docs'))
    await reached.promise
    await close()
    expect((await waiting).code).toBeGreaterThan(0)
  })

  it('honours the deadline of a call', async () => {
    const store = await openRelationshipStore({ url: `sqlite:${await makeFolder()}/rebac.db` })
    const loadTenant: RelationshipStore['loadTenant'] = () => new Promise(() => {})
    const { client } = await start({}, { store: withMethods(store, { loadTenant }), drainMs: 50 })
    const call = client.check(checkRequest('user:alice read file:/docs'), 100)
    expect(await failureOf(call)).toMatchObject({ code: 4 })
  })

  it('says nothing about a defect to the caller, and all to the log', async () => {
    const store = await openRelationshipStore({ url: `sqlite:${await makeFolder()}/rebac.db` })
    const lines: string[] = []
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const loadTenant: RelationshipStore['loadTenant'] = () => Promise.reject(new Error('secret detail'))
    const { client } = await start({}, { store: withMethods(store, { loadTenant }), logger })
    const failure = await failureOf(client.check(checkRequest('user:alice read file:/docs')))
    expect(failure).toMatchObject({ code: 13, reason: 'INTERNAL' })
    expect(JSON.stringify(failure)).not.toContain('secret detail')
    expect(lines.join('')).toContain('secret detail')
  })

  it('counts what it answers', async () => {
    const registry = createRegistry('test')
    const { client } = await start({}, { registry })
    await client.grant('file:/docs#direct_owner@user:alice')
    await client.allows('user:alice read file:/docs')
    await client.allows('user:bob read file:/docs')
    await failureOf(client.allows('user:bob read file:'))
    const text = await registry.metrics()
    expect(text).toMatch(/nexus_rebac_checks_total\{.*rpc="Check",decision="allowed".*\} 1\n/)
    expect(text).toMatch(/nexus_rebac_checks_total\{.*rpc="Check",decision="denied".*\} 1\n/)
    expect(text).toMatch(/nexus_rebac_errors_total\{.*reason="INVALID_OBJECT".*\} 1\n/)
    expect(text).toMatch(/nexus_rebac_resident_tenants\{?.*\}? 1\n/)
  })
})
