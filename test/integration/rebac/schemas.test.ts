import { beforeAll, expect, it } from 'vitest'
import { failureOf } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import type { TestService } from './support/service.ts'
import { operation } from './support/wire.ts'

const DOCS = `model
  schema 1.1
type user
type doc
  relations
    define owner: [user]
    define reader: [user] or owner
`
const WITHOUT_READERS = `model
  schema 1.1
type user
type doc
  relations
    define owner: [user]
`

describeOnEachEngine('schemas', ({ start, makeUrl }) => {
  let service: TestService
  beforeAll(async () => {
    service = await start({ REBAC_DATABASE_URL: await makeUrl() })
  })
  const grant = (tenant: string, text: string) =>
    service.client.write({ tenant, operations: [operation('touch', text)] })

  it('reads the built-in schema of a tenant that wrote none', async () => {
    const schema = await service.client.readSchema({ tenant: 'plain' })
    expect(schema).toMatchObject({ isDefault: true, schemaVersion: 'default', format: 3, createdAt: undefined })
    expect(schema.hierarchies).toEqual([{ type: 'file', relation: 'parent', separator: '/' }])
    const named = await service.client.readSchema({ tenant: 'plain', schemaVersion: 'default' })
    expect(named.model).toBe(schema.model)
  })

  it('creates the tenant, answers under the new schema, and gives it back as it was written', async () => {
    const tenant = 'docs'
    const { schemaVersion, token } = await service.client.writeSchema({ tenant, model: DOCS })
    const read = await service.client.readSchema({ tenant })
    expect(read).toMatchObject({ schemaVersion, token, model: DOCS, format: 1, isDefault: false })
    expect(read.createdAt).toBeInstanceOf(Date)
    await grant(tenant, 'doc:1#owner@user:alice')
    await expect(service.client.allows('user:alice reader doc:1', { tenant })).resolves.toBe(true)
    expect(await failureOf(service.client.allows('user:alice read file:/x', { tenant }))).toMatchObject({
      reason: 'UNKNOWN_TYPE',
    })
    expect(await failureOf(service.client.allows('user:alice nope doc:1', { tenant }))).toMatchObject({
      reason: 'UNKNOWN_RELATION',
    })
    expect(await failureOf(service.client.allows('bot:a reader doc:1', { tenant }))).toMatchObject({
      reason: 'UNKNOWN_SUBJECT_TYPE',
    })
    expect(await failureOf(grant(tenant, 'doc:1#owner@user:*'))).toMatchObject({ reason: 'RELATIONSHIP_NOT_ALLOWED' })
  })

  it('answers under an older version when it is named', async () => {
    const tenant = 'versions'
    const first = await service.client.writeSchema({ tenant, model: DOCS })
    await grant(tenant, 'doc:1#owner@user:alice')
    await service.client.writeSchema({ tenant, model: WITHOUT_READERS })
    const { schemaVersion } = first
    await expect(service.client.allows('user:alice reader doc:1', { tenant, schemaVersion })).resolves.toBe(true)
    expect(await failureOf(service.client.allows('user:alice reader doc:1', { tenant }))).toMatchObject({
      reason: 'UNKNOWN_RELATION',
    })
    await expect(service.client.readSchema({ tenant, schemaVersion })).resolves.toMatchObject({ model: DOCS })
  })

  it('refuses a schema that strands relationships, naming the first twenty, unless it is forced', async () => {
    const tenant = 'stranding'
    await service.client.writeSchema({ tenant, model: DOCS })
    const operations = Array.from({ length: 25 }, (_, index) => operation('touch', `doc:${index}#reader@user:alice`))
    await service.client.write({ tenant, operations })
    const before = await service.client.readSchema({ tenant })
    const failure = await failureOf(service.client.writeSchema({ tenant, model: WITHOUT_READERS }))
    expect(failure).toMatchObject({ code: 9, reason: 'SCHEMA_STRANDS_RELATIONSHIPS' })
    expect(failure.message).toContain('25 stored relationships')
    expect(failure.message.match(/#reader@user:alice/g)).toHaveLength(20)
    expect(await service.client.readSchema({ tenant })).toEqual(before)
    await service.client.writeSchema({ tenant, model: WITHOUT_READERS, force: true })
    const gone = await service.client.write({ tenant, operations: [operation('delete', 'doc:3#reader@user:alice')] })
    expect(gone.deletedCount).toBe(1)
  })

  it('lets one of two writers win who expect the same version', async () => {
    const tenant = 'contended'
    const write = (n: number) =>
      service.client.writeSchema({
        tenant,
        model: `${DOCS}    define r${n}: [user]\n`,
        expectedSchemaVersion: 'default',
      })
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(write))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { schemaVersion } = await service.client.readSchema({ tenant })
    await service.client.writeSchema({ tenant, model: DOCS, expectedSchemaVersion: schemaVersion })
  })

  it('never lets a relationship slip past a schema that was written meanwhile', async () => {
    for (let round = 0; round < 10; round += 1) {
      const tenant = `slip-${round}`
      await service.client.writeSchema({ tenant, model: DOCS })
      const [schema, write] = await Promise.allSettled([
        service.client.writeSchema({ tenant, model: WITHOUT_READERS }),
        grant(tenant, 'doc:1#reader@user:alice'),
      ])
      const stored = (await service.client.read({ tenant })).relationships.length
      const { model } = await service.client.readSchema({ tenant })
      expect(stored).toBe(write.status === 'fulfilled' ? 1 : 0)
      expect([model, stored]).toEqual(schema.status === 'fulfilled' ? [WITHOUT_READERS, 0] : [DOCS, 1])
    }
  })
})
