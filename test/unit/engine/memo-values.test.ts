import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Memo } from '../../../services/rebac/engine/memo.ts'
import { ERROR, FALSE, TRUE } from '../../../services/rebac/engine/values.ts'

it('6 a memo gives the last value of each node and plan, and nothing of any other', () => {
  const small = fc.integer({ min: 1, max: 6 })
  const writes = fc.array(fc.tuple(small, small, fc.constantFrom(TRUE, FALSE, ERROR)), { maxLength: 60 })
  fc.assert(
    fc.property(writes, (all) => {
      const memo = new Memo()
      const model = new Map<string, number>()
      for (const [node, plan, value] of all) {
        memo.set(node, plan, value)
        model.set(`${node} ${plan}`, value)
      }
      for (let node = 1; node <= 7; node++) {
        for (let plan = 1; plan <= 7; plan++) expect(memo.get(node, plan)).toBe(model.get(`${node} ${plan}`))
      }
    }),
  )
})
