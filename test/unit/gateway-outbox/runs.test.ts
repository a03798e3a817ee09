import { expect, it } from 'vitest'
import type { OutboxChange, OutboxEntry } from '../../../gateway/outbox/entry.ts'
import { inRuns } from '../../../gateway/outbox/runs.ts'

const alice = { tenant: '', type: 'user', id: 'alice', relation: '' }

/** "o": something is made; "d": it is deleted; "-": nothing changes. */
function entries(kinds: string): OutboxEntry[] {
  return [...kinds].map((kind, index) => ({
    tenant: 't',
    seq: index + 1,
    entryId: `e${index}`,
    createdAt: 0,
    changes: changesOf(kind, `/${index}`),
  }))
}

function changesOf(kind: string, path: string): OutboxChange[] {
  if (kind === '-') return []
  return [kind === 'o' ? { kind: 'own', path, subject: alice } : { kind: 'forget', path, trashId: 't' }]
}

function lengths(kinds: string): number[] {
  return inRuns(entries(kinds)).map((run) => run.length)
}

it('what is made may be made at the same time', () => {
  expect(lengths('ooo')).toEqual([3])
  expect(lengths('o-o')).toEqual([3])
  expect(lengths('o'.repeat(70))).toEqual([32, 32, 6])
})

it('a deletion waits for what was before it, and what comes after it waits for the deletion', () => {
  expect(lengths('oodoo')).toEqual([2, 1, 2])
  expect(lengths('ddo')).toEqual([1, 1, 1])
  expect(lengths('')).toEqual([])
})

it('no entry is left out, and none changes its place', () => {
  const all = entries('oodo-dooood')
  expect(inRuns(all).flat()).toEqual(all)
})
