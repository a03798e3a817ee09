import { afterAll, beforeAll, expect } from 'vitest'
import type { ErrorReason } from '../../../services/common/errors/catalogue.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { Relationship, RelationshipChange, RelationshipKey } from '../../../services/rebac/model/relationship.ts'
import type {
  DeleteRequest,
  Filter,
  LogEntry,
  NewRelationship,
  Operation,
  RelationshipStore,
  WriteRequest,
  WriteResult,
} from '../../../services/rebac/store/contract.ts'

/** A place for one store: `open` may be called again after the last store was closed. */
export interface StorePlace {
  open(): Promise<RelationshipStore>
  /** Removes what was stored. */
  remove(): Promise<void>
}

/** What the sections of the suite share: one open store, and a tenant of its own for each test. */
export interface Suite {
  readonly store: RelationshipStore
  readonly place: StorePlace
  tenant(): string
}

/** Opens a store for the tests of the surrounding `describe`. */
export function openSuite(makePlace: () => Promise<StorePlace>): Suite {
  let place: StorePlace | undefined
  let store: RelationshipStore | undefined
  let tenants = 0
  beforeAll(async () => {
    place = await makePlace()
    store = await place.open()
  })
  afterAll(async () => {
    await store?.close()
    await place?.remove()
  })
  return {
    get store() {
      if (store === undefined) throw new Error('the store is not open yet')
      return store
    },
    get place() {
      if (place === undefined) throw new Error('there is no place yet')
      return place
    },
    tenant: () => `tenant-${++tenants}`,
  }
}

/** The clock of the tests, milliseconds since 1970: far in the future, so that the real clock never matters. */
export const NOW = 4_000_000_000_000

/** A key from "file:/a#viewer@user:alice", "...@group:g#member" or "...@other/user:alice". */
export function key(text: string): RelationshipKey {
  const match = /^([^:]*):(.*)#([^#@]*)@(?:([^/:]*)\/)?([^:]*):([^#]*)(?:#(.*))?$/s.exec(text)
  if (match === null) throw new Error(`not a key: ${text}`)
  const [
    ,
    objectType = '',
    objectId = '',
    relation = '',
    subjectTenant = '',
    subjectType = '',
    subjectId = '',
    rest = '',
  ] = match
  return { objectType, objectId, relation, subjectTenant, subjectType, subjectId, subjectRelation: rest }
}

/** A relationship to be written; whatever is not given is empty. */
export function fresh(text: string, more: Partial<NewRelationship> = {}): NewRelationship {
  return { ...key(text), conditionName: '', conditionContext: null, expiresAt: null, attributes: null, ...more }
}

export const create = (text: string, more?: Partial<NewRelationship>): Operation => ({
  kind: 'create',
  relationship: fresh(text, more),
})
export const touch = (text: string, more?: Partial<NewRelationship>): Operation => ({
  kind: 'touch',
  relationship: fresh(text, more),
})
export const remove = (text: string): Operation => ({ kind: 'delete', key: key(text) })
export const removeIfExists = (text: string): Operation => ({ kind: 'deleteIfExists', key: key(text) })

export function writing(
  tenant: string,
  operations: readonly Operation[],
  more: Partial<WriteRequest> = {},
): WriteRequest {
  const deadline = Date.now() + 30_000
  return { tenant, operations, schemaVersion: '', preconditions: [], idempotency: null, now: NOW, deadline, ...more }
}

export function deleting(tenant: string, filter: Filter, more: Partial<DeleteRequest> = {}): DeleteRequest {
  const deadline = Date.now() + 30_000
  return { tenant, filter, preconditions: [], idempotency: null, maxChanges: 500_000, now: NOW, deadline, ...more }
}

/** Creates relationships, one request. */
export function put(store: RelationshipStore, tenant: string, ...texts: readonly string[]): Promise<WriteResult> {
  return store.write(
    writing(
      tenant,
      texts.map((text) => create(text)),
    ),
  )
}

/** Creates viewers of one object, one request whose entry in the log takes so many kilobytes and a little more. */
export function putLarge(
  store: RelationshipStore,
  tenant: string,
  name: string,
  kilobytes: number,
): Promise<WriteResult> {
  const attributes = { text: 'ä'.repeat(2_000) }
  const viewers = Array.from({ length: Math.max(1, kilobytes / 4) }, (_, index) => `doc:${name}#viewer@user:${index}`)
  return store.write(
    writing(
      tenant,
      viewers.map((viewer) => create(viewer, kilobytes === 0 ? {} : { attributes })),
    ),
  )
}

/** All that a filter finds, page by page. */
export async function find(
  store: RelationshipStore,
  tenant: string,
  filter: Filter = {},
  { now = NOW, limit = 1_000 } = {},
): Promise<readonly Relationship[]> {
  const found: Relationship[] = []
  for (;;) {
    const afterId = found.at(-1)?.id ?? ''
    const page = await store.readRelationships({ tenant, filter, afterId, limit, now })
    found.push(...page.relationships)
    if (page.relationships.length < limit) return found
  }
}

/** A relationship's key as text, the inverse of `key`. */
export function text(row: RelationshipKey): string {
  const tenant = row.subjectTenant === '' ? '' : `${row.subjectTenant}/`
  const relation = row.subjectRelation === '' ? '' : `#${row.subjectRelation}`
  return `${row.objectType}:${row.objectId}#${row.relation}@${tenant}${row.subjectType}:${row.subjectId}${relation}`
}

export function texts(rows: readonly RelationshipKey[]): readonly string[] {
  return rows.map(text).toSorted()
}

export async function head(store: RelationshipStore, tenant: string): Promise<number> {
  return (await store.heads([tenant])).get(tenant) ?? -1
}

/** One page of a tenant's log. */
export async function logOf(
  store: RelationshipStore,
  tenant: string,
  after: number,
  limit: number,
): Promise<readonly LogEntry[]> {
  return (await store.readLog(tenant, after, limit)).entries
}

/** Every change of a tenant, in order. */
export async function history(store: RelationshipStore, tenant: string): Promise<readonly RelationshipChange[]> {
  const changes: RelationshipChange[] = []
  for (let after = 0; ; ) {
    const { entries, mayHaveMore } = await store.readLog(tenant, after, 1_000)
    for (const entry of entries) changes.push(...entry.changes)
    if (!mayHaveMore) return changes
    after = entries.at(-1)?.revision ?? after
  }
}

/** The error that a promise ends in. */
export async function failure(promise: Promise<unknown>): Promise<NexusError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof NexusError) return error
    throw error
  }
  throw new Error('it did not fail')
}

export async function expectReason(promise: Promise<unknown>, reason: ErrorReason): Promise<NexusError> {
  const error = await failure(promise)
  expect(error.reason).toBe(reason)
  return error
}
