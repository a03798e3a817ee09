import { expect, it } from 'vitest'
import type { RelationshipChange } from '../../../services/rebac/model/relationship.ts'
import { encodeBounded } from '../../../services/rebac/store/commands/bounded-revision.ts'
import { decodeChanges } from '../../../services/rebac/store/images.ts'
import { fresh } from '../../conformance/store/harness.ts'

const bound = { maxChanges: 10, verb: 'moved', instead: 'move less' } as const

const deletion = (attributes: object): RelationshipChange => {
  const before = { ...fresh('doc:1#viewer@user:a'), id: 'i', createdAt: 1, attributes }
  return { before: before as RelationshipChange['before'], after: null }
}

it('writes down what is short enough', () => {
  const changes = [deletion({ text: 'x'.repeat(100) })]
  const text = encodeBounded(changes, bound)
  expect(decodeChanges(text)).toEqual(changes)
  expect(encodeBounded(changes, bound, text.length)).toBe(text)
  expect(() => encodeBounded(changes, bound, text.length - 1)).toThrow('This concerns 1 relationships of more than')
})

it('refuses what no string can hold, and hides no other failure', () => {
  const failing = (error: Error) => [
    deletion({
      toJSON: () => {
        throw error
      },
    }),
  ]
  const refusal = expect.objectContaining({ reason: 'TOO_MANY_CHANGES', data: { limit: 10 } })
  expect(() => encodeBounded(failing(new RangeError('Invalid string length')), bound)).toThrow(refusal)
  expect(() => encodeBounded(failing(new TypeError('no')), bound)).toThrow(TypeError)
})
