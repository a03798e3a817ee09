import { expect, it } from 'vitest'
import { runScript } from '../../../services/common/sql/run-script.ts'
import { run } from '../../../services/common/sql/script.ts'
import type { RelationshipChange } from '../../../services/rebac/model/relationship.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import type { LogEntry, LogPage, RelationshipStore, TenantSnapshot } from '../../../services/rebac/store/contract.ts'
import type { SchemaLibrary } from '../../../services/rebac/tenants/schema-library.ts'
import { Snapshots } from '../../../services/rebac/tenants/snapshots.ts'
import { MAX_UNDONE_CHANGES, stateAt } from '../../../services/rebac/tenants/undone-changes.ts'

/** A log of entries with so many changes that come to nothing, one to a page: each is as large as a page may be. */
function largeEntries(changes: number, count: number) {
  const none: RelationshipChange = { before: null, after: null }
  const entry = { kind: 'write', changes: Array.from({ length: changes }, () => none), schemaVersion: '' } as const
  const reads: number[] = []
  const page = (after: number): LogPage => {
    reads.push(after)
    const entries: LogEntry[] = after < count ? [{ ...entry, revision: after + 1, committedAt: 1 }] : []
    return { entries, mayHaveMore: after + 1 < count }
  }
  return { page, reads }
}

const ways = [
  [
    'in memory',
    async (page: (after: number) => LogPage, head: number) => {
      const store: Partial<RelationshipStore> = {
        readLog: async (_tenant, after) => page(after),
        loadTenant: async (_tenant, begin) => {
          begin()([])
          return { revision: head, schema: null }
        },
      }
      const schemas: Partial<SchemaLibrary> = { compiled: () => defaultSchema() }
      await new Snapshots(store as RelationshipStore, schemas as SchemaLibrary, 1).view('acme', 0)
    },
  ],
  [
    'from the store',
    async (page: (after: number) => LogPage, head: number) => {
      const log: TenantSnapshot['log'] = function* (after) {
        yield* run('a page of the log')
        return page(after)
      }
      const pause: TenantSnapshot['pause'] = function* () {
        yield* run('a pause')
      }
      const snapshot: Partial<TenantSnapshot> = { revision: head, schemaVersion: '', log, pause }
      runScript(stateAt(snapshot as TenantSnapshot, 0), () => [])
    },
  ],
] as const

it.each(ways)('looks at each page before it reads the next one, %s', async (_way, undo) => {
  const { page, reads } = largeEntries(10_000, 200)
  await expect(undo(page, 200)).rejects.toMatchObject({ reason: 'NODE_BUDGET_EXCEEDED' })
  expect(reads).toHaveLength(MAX_UNDONE_CHANGES / 10_000 + 1)
})

it.each(ways)('goes on after a page of one large entry, %s', async (_way, undo) => {
  const { page, reads } = largeEntries(10_000, 50)
  await undo(page, 50)
  expect(new Set(reads)).toEqual(new Set(Array.from({ length: 50 }, (_, index) => index)))
})
