import fc from 'fast-check'
import { expect, it } from 'vitest'
import { sortedByPath } from '../../../gateway/files/paths.ts'
import { sortedInTurns } from '../../../gateway/files/sort-in-turns.ts'

/** Longer than what is sorted in one go, several times over. */
const ITEMS = 9_000
const name = fc.constantFrom('a', 'a-b', 'B', 'ab', '\uffee', '\u{1f600}')
const directories = fc.array(name, { minLength: 1, maxLength: 4 })

function items(names: readonly string[], seed: number): readonly { readonly path: string }[] {
  const next = (index: number) => (index * 7_919 + seed) % ITEMS
  return Array.from({ length: ITEMS }, (_, index) => ({
    path: `/${names[next(index) % names.length] ?? ''}/${next(index)}`,
  }))
}

it('has the order of sortedByPath, whatever the order was', async () => {
  await fc.assert(
    fc.asyncProperty(directories, fc.nat({ max: ITEMS }), async (names, seed) => {
      const mixed = items(names, seed)
      const sorted = sortedByPath(mixed)
      expect(await sortedInTurns(mixed)).toEqual(sorted)
      const parts = [...sorted.slice(3_000), ...sorted.slice(0, 3_000), { path: '/' }]
      expect(await sortedInTurns(parts)).toEqual(sortedByPath(parts))
    }),
    { numRuns: 10 },
  )
})

it('leaves what is sorted as it is', async () => {
  const sorted = sortedByPath(items(['a', 'b'], 1))
  expect(await sortedInTurns(sorted)).toBe(sorted)
})

it('ends when nobody waits for it', async () => {
  const gone = new AbortController()
  const sorting = sortedInTurns(items(['a', 'b'], 1), gone.signal)
  gone.abort()
  await expect(sorting).rejects.toMatchObject({ reason: 'CANCELLED' })
})
