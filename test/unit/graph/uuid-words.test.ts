import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readUuid, writeUuid } from '../../../services/rebac/graph/uuid-words.ts'

const CANONICAL = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

it('keeps every UUID in its canonical form, and says of every other text that it is none', () => {
  const words = new Uint32Array(6)
  const damaged = fc
    .tuple(fc.uuid(), fc.nat(35), fc.constantFrom('-', 'g', 'A', 'F', '/', ':', '`', '\u0130', '\u0661', 'é', ''))
    .map(([uuid, at, character]) => uuid.slice(0, at) + character + uuid.slice(at + 1))
  fc.assert(
    fc.property(fc.oneof(fc.uuid(), damaged, fc.string({ minLength: 36, maxLength: 36 })), (text) => {
      const isUuid = writeUuid(text, words, 1)
      expect(isUuid).toBe(CANONICAL.test(text))
      if (isUuid) expect(readUuid(words, 1)).toBe(text)
      expect([words[0], words[5]]).toEqual([0, 0])
    }),
    { numRuns: 2_000 },
  )
})
