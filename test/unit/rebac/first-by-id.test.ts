import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FirstById } from '../../../services/rebac/tenants/first-by-id.ts'
import { readRelationship } from '../../support/naive/case-file.ts'

it('keeps the relationships with the smallest ids, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500)), fc.integer({ min: 1, max: 12 }), (numbers, limit) => {
      const found = new FirstById(limit)
      const rows = numbers.map((number) => readRelationship('doc:1#viewer@user:ann', number))
      for (const row of rows) found.add(row)
      const sorted = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      expect(found.sorted()).toEqual(sorted.slice(0, limit))
    }),
  )
})
