import { expect, it } from 'vitest'
import type { CallContext } from '../../../gateway/context.ts'
import { betweenMoves } from '../../../gateway/files/moves.ts'

const context = { scope: { deadline: Date.now() + 60_000 } } as unknown as CallContext

/** A tree whose last moves are seen in this order, of which all up to `applied` have taken their relationships along. */
function treeOf(lastMoves: readonly number[], applied: number) {
  const left = [...lastMoves]
  const events: string[] = []
  const parts = {
    db: { read: async () => left.shift() },
    outbox: {
      appliedThrough: () => applied,
      passed: async (_tree: string, seq: number) => void events.push(`waited for ${seq}`),
    },
  } as unknown as Parameters<typeof betweenMoves>[0]
  const looking = (whole: boolean) => async () => {
    events.push('looked')
    return { value: events.length, whole }
  }
  return { parts, events, looking }
}

it('looks once where nothing was moved meanwhile', async () => {
  const { parts, events, looking } = treeOf([4, 4], 9)
  await betweenMoves(parts, context, 'acme', looking(false))
  expect(events).toEqual(['looked'])
})

it('looks again after a move, as often as there was one, when its relationships have moved too', async () => {
  const { parts, events, looking } = treeOf([4, 10, 11, 11], 9)
  const value = await betweenMoves(parts, context, 'acme', looking(false))
  expect(events).toEqual(['looked', 'waited for 10', 'looked', 'waited for 11', 'looked'])
  expect(value).toBe(5)
})

it('needs no second look where everything may be seen', async () => {
  const { parts, events, looking } = treeOf([10, 11], 9)
  await betweenMoves(parts, context, 'acme', looking(true))
  expect(events).toEqual(['waited for 10', 'looked'])
})

it('fails at the deadline rather than leave something out', async () => {
  const { parts, looking } = treeOf([1, 2], 9)
  const late = { scope: { deadline: Date.now() - 1 } } as unknown as CallContext
  await expect(betweenMoves(parts, late, 'acme', looking(false))).rejects.toMatchObject({ reason: 'UNAVAILABLE' })
})
