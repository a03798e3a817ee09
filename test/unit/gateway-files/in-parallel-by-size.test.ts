import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inParallelBySize } from '../../../gateway/in-parallel.ts'

const MOST = 67_108_864

it('tasks hold at most 64 MiB together, a larger one is alone, and results come in order', async () => {
  const sizes = fc.array(fc.oneof(fc.nat(MOST / 4), fc.nat(2 * MOST)), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(sizes, async (bytes) => {
      const holding = new Set<number>()
      const results = await inParallelBySize(
        bytes.map((size, index) => ({
          bytes: size,
          run: async () => {
            holding.add(index)
            const held = [...holding].reduce((sum, one) => sum + (bytes[one] ?? 0), 0)
            expect(held <= MOST || held === size).toBe(true)
            await nextTurn()
            holding.delete(index)
            return index
          },
        })),
      )
      expect(results).toEqual([...bytes.keys()])
    }),
  )
})
