import { describe } from 'vitest'
import { concurrencyTests } from './store/concurrency.ts'
import { expiryTests } from './store/expiry.ts'
import { filterTests } from './store/filters.ts'
import { openSuite, type StorePlace } from './store/harness.ts'
import { idempotencyTests } from './store/idempotency.ts'
import { logTests } from './store/log.ts'
import { movingTests } from './store/moving.ts'
import { preconditionTests } from './store/preconditions.ts'
import { propertyTests } from './store/properties.ts'
import { reopeningTests } from './store/reopening.ts'
import { schemaRaceTests } from './store/schema-races.ts'
import { sharesTests } from './store/shares.ts'
import { snapshotTests } from './store/snapshots.ts'
import { tenantTests } from './store/tenants.ts'
import { writingTests } from './store/writing.ts'

/** The definition of a RelationshipStore: whatever passes this is one. */
export function describeRelationshipStore(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${name}: RelationshipStore`, () => {
    const suite = openSuite(makePlace)
    describe('writing', () => writingTests(suite))
    describe('expiry', () => expiryTests(suite))
    describe('idempotency', () => idempotencyTests(suite))
    describe('preconditions', () => preconditionTests(suite))
    describe('filters', () => filterTests(suite))
    describe('moving', () => movingTests(suite))
    describe('log', () => logTests(suite))
    describe('shares', () => sharesTests(suite))
    describe('snapshots', () => snapshotTests(suite))
    describe('tenants and schemas', () => tenantTests(suite))
    describe('schemas and what is written meanwhile', () => schemaRaceTests(suite))
    describe('concurrency', () => concurrencyTests(suite))
    describe('reopening', () => reopeningTests(makePlace))
    describe('any sequence of writes', () => propertyTests(suite))
  })
}
