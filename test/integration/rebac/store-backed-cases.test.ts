import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { defaultSchemaSource } from '../../../services/rebac/schema/default-schema.ts'
import type { RelationshipStore } from '../../../services/rebac/store/contract.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import { type Case, CASE_NOW, readCaseFiles, readRelationship } from '../../support/naive/case-file.ts'
import { runCase } from '../../support/naive/run-case.ts'
import { CaseTargetOverGrpc } from './support/case-target.ts'
import { describeOnEachEngine } from './support/engines.ts'
import type { TestService } from './support/service.ts'

const cases = readCaseFiles().flatMap((file) => file.cases)
/** The others say only what can be stored. */
const asking = cases.filter(({ allowed, denied, errors, objects, subjects, permissions }) =>
  [allowed, denied, errors, objects, subjects, permissions].some((questions) => questions !== undefined),
)

// No tenant fits in a memory budget of one byte. The clock stands, as the cases have it.
describeOnEachEngine('the cases, from the store', ({ start, makeUrl }) => {
  const registry = new Registry()
  let service: TestService
  let store: RelationshipStore
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: CASE_NOW })
    store = await openRelationshipStore({ url: await makeUrl() })
    service = await start({}, { store, registry, memoryBudgetBytes: 1 })
  })
  afterAll(() => {
    vi.useRealTimers()
  })

  it.each(asking.map((one, index) => [one.name, one, `case-${index}`] as const))('%s', async (_name, one, tenant) => {
    await write(store, tenant, one)
    await expectCase(one, new CaseTargetOverGrpc(service.client, tenant, one))
  })

  it('none of them was in memory', async () => {
    expect(await valueOf(registry, 'nexus_rebac_resident_tenants')).toBe(0)
    expect(await valueOf(registry, 'nexus_rebac_store_backed_tenants')).toBe(asking.length)
    expect(await valueOf(registry, 'nexus_rebac_store_rounds_total')).toBeGreaterThan(asking.length)
  })
})

function expectCase(one: Case, target: CaseTargetOverGrpc): Promise<void> {
  return runCase(one, target)
}

async function valueOf(registry: Registry, name: string): Promise<number> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? []
  return values[0]?.value ?? Number.NaN
}

/** Past the service, which refuses what does not fit the schema. */
async function write(store: RelationshipStore, tenant: string, one: Case): Promise<void> {
  const { schema, format = 'dsl', hierarchies = [], relationships = [] } = one
  const common = { tenant, now: 0, deadline: Date.now() + 60_000 }
  const source = schema === 'default' ? defaultSchemaSource() : { format, model: schema, hierarchies }
  await store.writeSchema({ ...common, version: 'case', source, expectedVersion: null, checked: null })
  // Something of which no question asks, so that there is no empty tenant.
  const stored = [...relationships, 'unasked:x#nothing@unasked:y'].map(readRelationship)
  const operations = stored.map((relationship) => ({ kind: 'touch' as const, relationship }))
  await store.write({ ...common, operations, schemaVersion: 'case', preconditions: [], idempotency: null })
}
