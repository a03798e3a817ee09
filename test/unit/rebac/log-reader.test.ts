import { expect, it } from 'vitest'
import { LogReader } from '../../../services/rebac/api/watch/log-reader.ts'
import type { LogEntry, RelationshipStore } from '../../../services/rebac/store/contract.ts'

it('reads every entry once, however few the pages have, until the last page says that it is', async () => {
  const log = Array.from({ length: 20 }, (_, index) => ({ revision: index + 1 }) as LogEntry)
  const lengths = [5, 1, 0, 9, 5]
  const readLog: RelationshipStore['readLog'] = async (_tenant, after) => {
    const entries = log.slice(after, after + (lengths.shift() ?? 0))
    return { entries, mayHaveMore: lengths.length > 0 }
  }
  const reader = new LogReader({ readLog } as RelationshipStore, 'acme', 0)
  const revisions: number[] = []
  for (let goesOn = true; goesOn; ) {
    const { entries, mayHaveMore } = await reader.next()
    revisions.push(...entries.map(({ revision }) => revision))
    expect(reader.position).toBe(revisions.at(-1))
    goesOn = mayHaveMore
  }
  expect(revisions).toEqual(log.map(({ revision }) => revision))
})
