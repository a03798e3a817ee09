import { expect, it } from 'vitest'
import type { WriteSchemaRequest } from '../../../services/rebac/store/contract.ts'
import { relationshipShape } from '../../../services/rebac/model/relationship-shape.ts'
import { expectReason, fresh, head, NOW, put, putLarge, remove, type Suite, touch, writing } from './harness.ts'

const SOURCE = { format: 'dsl', model: 'model\n  schema 1.1\ntype user', hierarchies: [] } as const

export function schemaRaceTests(suite: Suite): void {
  const install = (tenant: string, revision: number, accepted: readonly string[], version = 'v1') => {
    const shapes = accepted.map((text) => relationshipShape(fresh(text)))
    const request: WriteSchemaRequest = {
      tenant,
      version,
      source: SOURCE,
      expectedVersion: null,
      checked: { revision, shapes },
      now: NOW,
      deadline: Date.now() + 30_000,
    }
    return suite.store.writeSchema(request)
  }

  it('installs a schema that everything up to the newest revision was compared with', async () => {
    const tenant = suite.tenant()
    const { revision } = await put(suite.store, tenant, 'doc:1#viewer@user:a')
    expect(await install(tenant, revision, [])).toEqual({ revision: revision + 1 })
  })

  it('refuses one that something was written after, unless the schema accepts its shape', async () => {
    const tenant = suite.tenant()
    const { revision } = await put(suite.store, tenant, 'doc:1#viewer@user:a')
    await put(suite.store, tenant, 'doc:2#viewer@user:b', 'doc:2#viewer@group:g#member')
    await expectReason(install(tenant, revision, []), 'CONFLICT')
    await expectReason(install(tenant, revision, ['doc:x#viewer@user:x']), 'CONFLICT')
    await expectReason(install(tenant, revision, ['doc:x#viewer@user:x', 'doc:x#viewer@group:x#owner']), 'CONFLICT')
    expect(await suite.store.readSchema(tenant, '')).toBeNull()
    expect(await head(suite.store, tenant)).toBe(2)
    await install(tenant, revision, ['doc:x#viewer@user:x', 'doc:x#viewer@group:x#member'])
    expect(await suite.store.readSchema(tenant, '')).toMatchObject({ version: 'v1', revision: 3 })
  })

  it('tells wildcards and conditions from plain objects', async () => {
    const tenant = suite.tenant()
    const { revision } = await put(suite.store, tenant, 'doc:1#viewer@user:a')
    await suite.store.write(writing(tenant, [touch('doc:1#viewer@user:*')]))
    await expectReason(install(tenant, revision, ['doc:x#viewer@user:x']), 'CONFLICT')
    await suite.store.write(writing(tenant, [touch('doc:1#viewer@user:b', { conditionName: 'c' })]))
    await expectReason(install(tenant, revision + 1, ['doc:x#viewer@user:x', 'doc:x#viewer@user:*']), 'CONFLICT')
    await install(tenant, revision + 2, [])
  })

  it('lets deletions pass', async () => {
    const tenant = suite.tenant()
    const { revision } = await put(suite.store, tenant, 'doc:1#viewer@user:a', 'doc:2#viewer@user:a')
    await suite.store.write(writing(tenant, [remove('doc:1#viewer@user:a')]))
    expect(await install(tenant, revision, [])).toEqual({ revision: revision + 2 })
  })

  it('refuses one that is far behind, whatever was written', async () => {
    const tenant = suite.tenant()
    await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        suite.store.write(writing(tenant, [touch(`doc:${index}#viewer@user:a`)])),
      ),
    )
    await expectReason(install(tenant, 0, ['doc:x#viewer@user:x']), 'CONFLICT')
    await install(tenant, 290, ['doc:x#viewer@user:x'])
  })

  it('refuses one that is many megabytes behind, too', async () => {
    const tenant = suite.tenant()
    for (const name of ['1', '2', '3', '4']) await putLarge(suite.store, tenant, name, 3_000)
    await expectReason(install(tenant, 1, ['doc:x#viewer@user:x']), 'CONFLICT')
    expect(await head(suite.store, tenant)).toBe(4)
    await install(tenant, 2, ['doc:x#viewer@user:x'])
  })

  it('never lets what the schema does not accept slip past it, in any order of commits', async () => {
    for (let round = 0; round < 20; round += 1) {
      const tenant = suite.tenant()
      const { revision } = await put(suite.store, tenant, 'doc:1#viewer@user:a')
      const [installed, written] = await Promise.allSettled([
        install(tenant, revision, ['doc:x#viewer@user:x']),
        put(suite.store, tenant, `doc:2#owner@user:${round}`),
        put(suite.store, tenant, `doc:2#viewer@user:${round}`),
      ])
      // The writes were validated under the built-in schema: whoever comes second is refused.
      expect([installed.status, written.status].toSorted()).toEqual(['fulfilled', 'rejected'])
    }
  })
}
