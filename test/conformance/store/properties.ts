import { loadAll } from '../../support/load-all.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import {
  isExpired,
  type Relationship,
  type RelationshipKey,
  relationshipKeyText,
} from '../../../services/rebac/model/relationship.ts'
import type {
  Filter,
  NewRelationship,
  Operation,
  RelationshipStore,
  WriteResult,
} from '../../../services/rebac/store/contract.ts'
import { deleting, find, NOW, type Suite, writing, logOf } from './harness.ts'
import { matches, type NaiveAnswer, NaiveStore, type NaiveRow, withoutId } from './naive-store.ts'

// Few names, so that sequences meet the same relationships again and again.
const keyArbitrary: fc.Arbitrary<RelationshipKey> = fc.record({
  objectType: fc.constantFrom('file', 'File'),
  objectId: fc.constantFrom('/a', '/a/', '/a%', '/é'),
  relation: fc.constantFrom('viewer', 'editor'),
  subjectTenant: fc.constantFrom('', 'other'),
  subjectType: fc.constant('user'),
  subjectId: fc.constantFrom('u', 'u ', '*'),
  subjectRelation: fc.constantFrom('', 'member'),
})

const valueArbitrary = fc.record({
  conditionName: fc.constantFrom('', 'c'),
  conditionContext: fc.constantFrom(null, {}, { a: 1 }),
  expiresAt: fc.constantFrom(null, NOW + 2, NOW + 5),
  attributes: fc.option(
    fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' }), { maxKeys: 2, noNullPrototype: true }),
  ),
})

const relationshipArbitrary: fc.Arbitrary<NewRelationship> = fc
  .tuple(keyArbitrary, valueArbitrary)
  .map(([key, value]) => ({ ...key, ...value }))

const operationArbitrary: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('create' as const, 'touch' as const), relationship: relationshipArbitrary }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'deleteIfExists' as const), key: keyArbitrary }),
)

const filterArbitrary: fc.Arbitrary<Filter> = fc.record(
  {
    objectType: fc.constantFrom('file', 'File'),
    objectIdPrefix: fc.constantFrom('/', '/a', '/a%', '/é'),
    relations: fc.subarray(['viewer', 'editor']),
    subjectTenant: fc.constantFrom('', 'other'),
    subjectId: fc.constantFrom('u', 'u ', '*'),
    subjectIdPrefix: fc.constantFrom('u', 'u ', 'ü'),
    subjectRelation: fc.constantFrom('', 'member'),
  },
  { requiredKeys: [] },
)

type Step = { readonly wait: number } & ({ readonly operations: readonly Operation[] } | { readonly filter: Filter })

const stepArbitrary: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ wait: fc.nat(1), operations: fc.array(operationArbitrary, { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ wait: fc.nat(1), filter: filterArbitrary }) },
)

export function propertyTests(suite: Suite): void {
  it('answers and stores what a naive store does', { timeout: 30_000 }, async () => {
    const property = fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: 12 }), async (steps) => {
      const tenant = suite.tenant()
      const naive = new NaiveStore()
      let now = NOW
      for (const step of steps) {
        now += step.wait
        expect(await take(suite.store, tenant, step, now)).toEqual(takeNaively(naive, step, now))
        await compare(suite.store, tenant, naive, now)
      }
    })
    await fc.assert(property, { numRuns: 60 })
  })

  it('answers requests that arrive at once as if they had come one after the other', { timeout: 30_000 }, async () => {
    const property = fc.asyncProperty(fc.array(turnArbitrary, { minLength: 2, maxLength: 5 }), async (turns) => {
      const tenant = suite.tenant()
      const naive = new NaiveStore()
      const kept = new Map<string, { readonly hash: string; readonly answer: NaiveAnswer }>()
      let now = NOW
      for (const turn of turns) {
        now += 1
        const expected = takeInTurn(naive, turn, kept, now)
        expect(await takeTogether(suite.store, tenant, turn, now)).toEqual(expected)
        await compare(suite.store, tenant, naive, now)
        await compareLog(suite.store, tenant, naive, now)
      }
    })
    await fc.assert(property, { numRuns: 40 })
  })
}

/** What the log says, entry by entry, is what is stored. */
async function compareLog(store: RelationshipStore, tenant: string, naive: NaiveStore, now: number): Promise<void> {
  const log = await logOf(store, tenant, 0, 1_000)
  expect(log.map(({ revision }) => revision)).toEqual(Array.from({ length: naive.revision }, (_, index) => index + 1))
  const rows = new Map<string, Relationship>()
  for (const { before, after } of log.flatMap(({ changes }) => changes)) {
    if (before !== null) expect(rows.get(relationshipKeyText(before))).toEqual(before)
    if (before !== null) rows.delete(relationshipKeyText(before))
    if (after !== null) rows.set(relationshipKeyText(after), after)
  }
  const live = [...rows.values()].filter((row) => !isExpired(row, now))
  const loaded = await loadAll(store, tenant, now)
  expect(live.toSorted(byId)).toEqual(loaded.relationships.toSorted(byId))
}

function byId(a: Relationship, b: Relationship): number {
  return a.id < b.id ? -1 : 1
}

/** The requests of one turn of the event loop share a transaction; some repeat another one, by its idempotency key. */
const turnArbitrary = fc.array(
  fc.record({ step: stepArbitrary, key: fc.option(fc.constantFrom('one', 'two'), { freq: 3 }) }),
  { minLength: 2, maxLength: 8 },
)

async function takeTogether(
  store: RelationshipStore,
  tenant: string,
  turn: readonly { readonly step: Step; readonly key: string | null }[],
  now: number,
): Promise<readonly NaiveAnswer[]> {
  const take = ({ step, key }: (typeof turn)[number]) => {
    const idempotency = key === null ? null : { key, requestHash: hashOf(step) }
    return 'filter' in step
      ? store.deleteMatching(deleting(tenant, step.filter, { now, idempotency }))
      : store.write(writing(tenant, step.operations, { now, idempotency }))
  }
  const settled = await Promise.allSettled(turn.map(take))
  return settled.map((one) => {
    if (one.status === 'rejected') return { reason: (one.reason as NexusError).reason }
    const { revision, written, deletedCount, changes } = one.value
    return { revision, written: written.map(withoutId), deletedCount, changed: changes.length }
  })
}

function takeInTurn(
  naive: NaiveStore,
  turn: readonly { readonly step: Step; readonly key: string | null }[],
  kept: Map<string, { readonly hash: string; readonly answer: NaiveAnswer }>,
  now: number,
): readonly NaiveAnswer[] {
  return turn.map(({ step, key }) => {
    const known = key === null ? undefined : kept.get(key)
    if (known !== undefined && known.hash !== hashOf(step)) return { reason: 'IDEMPOTENCY_KEY_REUSED' }
    if (known !== undefined) return known.answer
    const answer = takeNaively(naive, step, now)
    // The first answer is kept without its changes: who repeats a request has them from the log.
    if (key !== null && !('reason' in answer)) kept.set(key, { hash: hashOf(step), answer: { ...answer, changed: 0 } })
    return answer
  })
}

function hashOf(step: Step): string {
  return JSON.stringify('filter' in step ? step.filter : step.operations)
}

async function take(store: RelationshipStore, tenant: string, step: Step, now: number): Promise<NaiveAnswer> {
  const [before] = (await store.heads([tenant])).values()
  let result: WriteResult
  try {
    result =
      'filter' in step
        ? await store.deleteMatching(deleting(tenant, step.filter, { now }))
        : await store.write(writing(tenant, step.operations, { now }))
  } catch (error) {
    if (error instanceof NexusError) return { reason: error.reason }
    throw error
  }
  const { revision, written, deletedCount, changes } = result
  expect(revision - (before ?? 0)).toBe(changes.length > 0 ? 1 : 0)
  const logged = await logOf(store, tenant, before ?? 0, 2)
  expect(logged.map((entry) => entry.changes)).toEqual(changes.length > 0 ? [changes] : [])
  return { revision, written: written.map(withoutId), deletedCount, changed: changes.length }
}

function takeNaively(naive: NaiveStore, step: Step, now: number): NaiveAnswer {
  return 'filter' in step ? naive.deleteMatching(step.filter, now) : naive.write(step.operations, now)
}

async function compare(store: RelationshipStore, tenant: string, naive: NaiveStore, now: number): Promise<void> {
  const loaded = await loadAll(store, tenant, now)
  expect(loaded.revision).toBe(naive.revision)
  expect(ordered(loaded.relationships.map(withoutId))).toEqual(ordered(naive.rows(now)))
  const filter = { objectIdPrefix: '/a', subjectTenant: '' }
  const found = await find(store, tenant, filter, { now, limit: 3 })
  expect(ordered(found.map(withoutId))).toEqual(ordered(naive.rows(now).filter((row) => matches(row, filter))))
}

function ordered(rows: readonly NaiveRow[]): readonly NaiveRow[] {
  return rows.toSorted((a, b) => (relationshipKeyText(a) < relationshipKeyText(b) ? -1 : 1))
}
