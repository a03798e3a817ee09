import { loadAll } from '../../support/load-all.ts'
import { expect, it } from 'vitest'
import type { WriteSchemaRequest } from '../../../services/rebac/store/contract.ts'
import { create, expectReason, find, head, NOW, put, type Suite, texts, writing, logOf } from './harness.ts'

const ALICE = 'file:/a#viewer@user:alice'
const SOURCE = {
  format: 'dsl',
  model: 'model\n  schema 1.1\ntype user',
  hierarchies: [{ type: 'file', relation: 'parent', separator: '/' }],
} as const

export function tenantTests(suite: Suite): void {
  const schema = (tenant: string, version: string, more: Partial<WriteSchemaRequest> = {}): WriteSchemaRequest => ({
    tenant,
    version,
    source: SOURCE,
    expectedVersion: null,
    checked: null,
    now: NOW,
    deadline: Date.now() + 30_000,
    ...more,
  })

  it('the same relationship lives in two tenants, each with its own revisions', async () => {
    const [one, two] = [suite.tenant(), suite.tenant()]
    await put(suite.store, one, 'file:/x#viewer@user:x')
    const first = await put(suite.store, one, ALICE)
    const second = await put(suite.store, two, ALICE)
    expect([first.revision, second.revision]).toEqual([2, 1])
    expect(await logOf(suite.store, two, 0, 10)).toHaveLength(1)
    expect(texts(await find(suite.store, two))).toEqual([ALICE])
    expect(await find(suite.store, two, { ids: [first.written[0]?.id ?? ''] })).toEqual([])
  })

  it('heads answers for known and unknown tenants', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    expect(await suite.store.heads([tenant, 'unknown', tenant])).toEqual(
      new Map([
        [tenant, 1],
        ['unknown', 0],
      ]),
    )
    expect(await suite.store.heads([])).toEqual(new Map())
  })

  it('an unknown tenant loads as empty', async () => {
    expect(await loadAll(suite.store, 'unknown')).toEqual({ revision: 0, schema: null, relationships: [] })
    expect(await suite.store.readSchema('unknown', '')).toBeNull()
    expect(await suite.store.readSchema('unknown', 'v1')).toBeNull()
  })

  it('loads revision, schema and relationships', async () => {
    const tenant = suite.tenant()
    await suite.store.writeSchema(schema(tenant, 'v1'))
    const { written } = await suite.store.write(
      writing(tenant, [create(ALICE, { conditionContext: { a: 1 } })], { schemaVersion: 'v1' }),
    )
    const loaded = await loadAll(suite.store, tenant, NOW)
    expect(loaded).toEqual({
      revision: 2,
      schema: { version: 'v1', source: SOURCE, revision: 1, createdAt: NOW },
      relationships: written,
    })
  })

  it('loads more than fits one page, each once', async () => {
    const tenant = suite.tenant()
    const names = Array.from({ length: 10_000 }, (_, index) => `file:/${index}#viewer@user:u`)
    await put(suite.store, tenant, ...names)
    expect(texts((await loadAll(suite.store, tenant, NOW)).relationships)).toEqual(names.toSorted())
  })

  it('loads one state of the tenant while others write to it', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ...Array.from({ length: 10_000 }, (_, index) => `file:/${index}#viewer@user:u`))
    const loading = loadAll(suite.store, tenant, NOW)
    for (let index = 0; index < 20; index++) await put(suite.store, tenant, `new:${index}#viewer@user:u`)
    const { revision, relationships } = await loading
    expect(relationships).toHaveLength(10_000 + revision - 1)
  })

  it('a schema is a revision of its own', async () => {
    const tenant = suite.tenant()
    await put(suite.store, tenant, ALICE)
    expect(await suite.store.writeSchema(schema(tenant, 'v1', { now: NOW + 1 }))).toEqual({ revision: 2 })
    expect(await logOf(suite.store, tenant, 1, 10)).toEqual([
      { revision: 2, kind: 'schema', changes: [], schemaVersion: 'v1', committedAt: NOW + 1 },
    ])
  })

  it('keeps every version, and knows the newest', async () => {
    const tenant = suite.tenant()
    await suite.store.writeSchema(schema(tenant, 'v1'))
    const source = { format: 'namespaces', model: '{"é":1}', hierarchies: [] } as const
    await suite.store.writeSchema(schema(tenant, 'v2', { source, now: NOW + 1 }))
    expect(await suite.store.readSchema(tenant, 'v1')).toEqual({
      version: 'v1',
      source: SOURCE,
      revision: 1,
      createdAt: NOW,
    })
    expect(await suite.store.readSchema(tenant, '')).toEqual({ version: 'v2', source, revision: 2, createdAt: NOW + 1 })
    expect(await suite.store.readSchema(tenant, 'v3')).toBeNull()
    expect((await loadAll(suite.store, tenant)).schema?.version).toBe('v2')
  })

  it('the same version again changes nothing, and an older one becomes the newest', async () => {
    const tenant = suite.tenant()
    await suite.store.writeSchema(schema(tenant, 'v1'))
    expect(await suite.store.writeSchema(schema(tenant, 'v1'))).toEqual({ revision: 1 })
    await suite.store.writeSchema(schema(tenant, 'v2'))
    expect(await suite.store.writeSchema(schema(tenant, 'v1'))).toEqual({ revision: 3 })
    expect((await suite.store.readSchema(tenant, ''))?.version).toBe('v1')
  })

  it('refuses a schema whose predecessor is not the expected one', async () => {
    const tenant = suite.tenant()
    await suite.store.writeSchema(schema(tenant, 'v1', { expectedVersion: '' }))
    await expectReason(suite.store.writeSchema(schema(tenant, 'v2', { expectedVersion: '' })), 'SCHEMA_CHANGED')
    await suite.store.writeSchema(schema(tenant, 'v2', { expectedVersion: 'v1' }))
    expect(await head(suite.store, tenant)).toBe(2)
  })

  it('refuses a write that was validated against another schema', async () => {
    const tenant = suite.tenant()
    await suite.store.writeSchema(schema(tenant, 'v1'))
    await expectReason(put(suite.store, tenant, ALICE), 'SCHEMA_CHANGED')
    await expectReason(suite.store.write(writing(tenant, [create(ALICE)], { schemaVersion: 'v2' })), 'SCHEMA_CHANGED')
    expect(await suite.store.write(writing(tenant, [create(ALICE)], { schemaVersion: 'v1' }))).toMatchObject({
      revision: 2,
    })
  })

  it('of two schemas written at once against the same one, one wins', async () => {
    const tenant = suite.tenant()
    const both = ['v1', 'v2'].map((version) =>
      suite.store.writeSchema(schema(tenant, version, { expectedVersion: '' })),
    )
    const settled = await Promise.allSettled(both)
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })
}
