import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { CheckBulkRequest, CheckRequest, Decision } from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import {
  ExpandRequest,
  ExplainRequest,
  ListObjectsRequest,
  type ListObjectsResponse,
  ListPermissionsRequest,
  ListSubjectsRequest,
  type ListSubjectsResponse,
} from '../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { presentRelationship, presentSubject } from '../../../services/rebac/api/present/relationship.ts'
import { parseSubject } from '../../../services/rebac/api/parse/subject.ts'
import { defaultSchemaSource } from '../../../services/rebac/schema/default-schema.ts'
import type { RelationshipStore } from '../../../services/rebac/store/contract.ts'
import { openRelationshipStore } from '../../../services/rebac/store/open-store.ts'
import {
  type Case,
  CASE_NOW,
  readCaseFiles,
  readQuestion,
  readRelationship,
  readSubject,
  writeSubject,
} from '../../support/naive/case-file.ts'
import { failureOf } from './support/client.ts'
import { describeOnEachEngine } from './support/engines.ts'
import { collect } from './support/stream.ts'
import type { TestService } from './support/service.ts'
import { message } from './support/wire.ts'

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
    await expectCase(new CaseOverWire(service, tenant, one))
  })

  it('none of them was in memory', async () => {
    expect(await valueOf(registry, 'nexus_rebac_resident_tenants')).toBe(0)
    expect(await valueOf(registry, 'nexus_rebac_store_backed_tenants')).toBe(asking.length)
    expect(await valueOf(registry, 'nexus_rebac_store_rounds_total')).toBeGreaterThan(asking.length)
  })
})

function expectCase(one: CaseOverWire): Promise<void> {
  return one.run()
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

class CaseOverWire {
  readonly #service: TestService
  readonly #case: Case
  readonly #scope: Pick<CheckRequest, 'tenant' | 'context' | 'contextualRelationships'>

  constructor(service: TestService, tenant: string, one: Case) {
    this.#service = service
    this.#case = one
    const contextual = (one.contextual ?? []).map((text, index) => presentRelationship(readRelationship(text, index)))
    this.#scope = { tenant, context: one.context ?? {}, contextualRelationships: contextual }
  }

  async run(): Promise<void> {
    const { allowed = [], denied = [], errors = {}, objects = {}, subjects = {}, permissions = {} } = this.#case
    for (const text of allowed) await this.#check(text, Decision.DECISION_ALLOWED)
    for (const text of denied) await this.#check(text, Decision.DECISION_DENIED)
    for (const [text, reason] of Object.entries(errors)) {
      expect(await failureOf(this.#service.client.check(this.#request(text))), text).toMatchObject({ reason })
    }
    await this.#bulk([...allowed, ...denied])
    for (const [text, expected] of Object.entries(objects)) await this.#objects(text, expected)
    for (const [text, expected] of Object.entries(subjects)) await this.#subjects(text, expected)
    for (const [text, expected] of Object.entries(permissions)) await this.#permissions(text, expected)
  }

  async #check(text: string, decision: Decision): Promise<void> {
    const { client } = this.#service
    const request = this.#request(text)
    expect((await client.check(request)).decision, text).toBe(decision)
    const explained = await client.explain(message(ExplainRequest, { check: request }))
    expect(explained.decision, text).toBe(decision)
    const { object, relation } = request
    const { tree } = await client.expand(message(ExpandRequest, { ...this.#scope, object, relation }))
    expect(tree?.object?.type, text).toBe(object?.type)
  }

  async #bulk(texts: readonly string[]): Promise<void> {
    const items = texts.map((text) => this.#item(text))
    if (items.length === 0) return
    const { results } = await this.#service.client.checkBulk(message(CheckBulkRequest, { ...this.#scope, items }))
    const { allowed = [] } = this.#case
    const decisions = results.map(({ outcome }) => outcome?.value)
    expect(decisions).toEqual(
      texts.map((_, at) => (at < allowed.length ? Decision.DECISION_ALLOWED : Decision.DECISION_DENIED)),
    )
  }

  #item(text: string) {
    const { objectType: type, objectId: id, relation, subject } = readQuestion(text)
    return { object: { type, id }, relation, subject: presentSubject(subject) }
  }

  #request(text: string): CheckRequest {
    return message(CheckRequest, { ...this.#scope, ...this.#item(text) })
  }

  async #objects(text: string, expected: readonly string[] | string): Promise<void> {
    const { objectType, relation, subject } = readQuestion(text.replace('#', ':#'))
    const { raw, metadata } = this.#service.client
    const asked = { ...this.#scope, objectType, relation, subject: presentSubject(subject) }
    const listing = collect<ListObjectsResponse>(raw.listObjects(message(ListObjectsRequest, asked), metadata))
    if (typeof expected === 'string') {
      expect(await failureOf(listing), text).toMatchObject({ reason: expected })
      return
    }
    const listed = (await listing).flatMap(({ objects }) => objects)
    expect(
      listed.map(({ id, coversSubtree }) => (coversSubtree ? `${id} and below` : id)),
      text,
    ).toEqual([...expected])
  }

  async #subjects(text: string, expected: readonly string[] | string): Promise<void> {
    const [, question = '', subjectType = '', subjectRelation = ''] = /^(.*)@([^#]*)(?:#(.*))?$/.exec(text) ?? []
    const { objectType: type, objectId: id, relation } = readQuestion(`${question}@x:x`)
    const { raw, metadata } = this.#service.client
    const asked = { ...this.#scope, object: { type, id }, relation, subjectType, subjectRelation }
    const listing = collect<ListSubjectsResponse>(raw.listSubjects(message(ListSubjectsRequest, asked), metadata))
    if (typeof expected === 'string') {
      expect(await failureOf(listing), text).toMatchObject({ reason: expected })
      return
    }
    const written = (wire: Parameters<typeof parseSubject>[0]) => writeSubject(parseSubject(wire, this.#scope.tenant))
    const listed = (await listing).flatMap(({ subjects }) => subjects)
    expect(
      listed.map(({ subject, excluded }) => {
        const except = excluded.length === 0 ? '' : ` except ${excluded.map(written).join(', ')}`
        return written(subject) + except
      }),
      text,
    ).toEqual([...expected])
  }

  async #permissions(text: string, expected: readonly string[]): Promise<void> {
    const [, type = '', id = '', subject = ''] = /^([^:]*):(.*)@([^@]*)$/.exec(text) ?? []
    const asked = { ...this.#scope, object: { type, id }, subject: presentSubject(readSubject(subject)) }
    const { relations } = await this.#service.client.listPermissions(message(ListPermissionsRequest, asked))
    expect(relations, text).toEqual([...expected].sort())
  }
}
