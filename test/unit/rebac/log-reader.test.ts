import { expect, it } from 'vitest'
import { LogReader } from '../../../services/rebac/api/watch/log-reader.ts'
import type { LogEntry, RelationshipStore } from '../../../services/rebac/store/contract.ts'

/** A log in which each entry has one change of about so many bytes. */
function logOf(sizes: readonly number[]) {
  const limits: number[] = []
  const entry = (bytes: number, index: number) => ({
    revision: index + 1,
    changes: [
      { before: null, after: { objectId: 'x'.repeat(bytes), subjectId: '', attributes: null, conditionContext: null } },
    ],
  })
  const log = sizes.map(entry) as unknown as LogEntry[]
  const readLog: RelationshipStore['readLog'] = async (_tenant, after, limit) => {
    limits.push(limit)
    return log.filter(({ revision }) => revision > after).slice(0, limit)
  }
  return { reader: new LogReader({ readLog } as RelationshipStore, 'acme', 0), limits }
}

async function readAll(reader: LogReader): Promise<number[]> {
  const revisions: number[] = []
  for (;;) {
    const { entries, mayHaveMore } = await reader.next()
    revisions.push(...entries.map(({ revision }) => revision))
    if (!mayHaveMore) return revisions
  }
}

it('reads every entry once, more at a time while they are small', async () => {
  const { reader, limits } = logOf(Array.from({ length: 200 }, () => 100))
  expect(await readAll(reader)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
  expect(limits).toEqual([4, 8, 16, 32, 64, 64, 64])
})

it('reads few at a time where they are large, however few changes they have', async () => {
  const { reader, limits } = logOf([
    ...Array.from({ length: 12 }, () => 2_000_000),
    ...Array.from({ length: 9 }, () => 9_000_000),
  ])
  expect(await readAll(reader)).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
  expect(limits.slice(0, 5)).toEqual([4, 2, 2, 2, 2])
  expect(limits.slice(5).every((limit) => limit <= 2)).toBe(true)
  expect(limits.at(-1)).toBe(1)
})
