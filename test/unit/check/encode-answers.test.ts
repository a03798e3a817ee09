import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CheckResponse,
  CheckStreamResponse,
  type CheckStreamResult,
} from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import { encodeCheckResponse, encodeCheckStreamResponse } from '../../../services/rebac/api/check/encode-answers.ts'

const decision = fc.constantFrom(0, 1, 2, 3)
const token = fc.oneof(fc.constantFrom('', 'a'), fc.string({ unit: 'grapheme', maxLength: 200 }), fc.base64String())
const check: fc.Arbitrary<CheckResponse> = fc.record({ decision, token })
const error = fc.record({ code: fc.nat(16), reason: fc.string(), message: fc.string({ unit: 'grapheme' }) })
const bulkResult = fc.record({
  outcome: fc.oneof(
    decision.map((value) => ({ $case: 'decision' as const, value })),
    error.map((value) => ({ $case: 'error' as const, value })),
    fc.constant(undefined),
  ),
  coversSubtree: fc.boolean(),
})
const outcome: fc.Arbitrary<CheckStreamResult['outcome']> = fc.oneof(
  { weight: 4, arbitrary: check.map((value) => ({ $case: 'check' as const, value })) },
  error.map((value) => ({ $case: 'error' as const, value })),
  fc
    .record({ results: fc.array(bulkResult, { maxLength: 40 }), token })
    .map((value) => ({ $case: 'bulk' as const, value })),
  fc.constant(undefined),
)
const id = fc.oneof(fc.nat(300), fc.constantFrom(0, 2 ** 14, 2 ** 21, 2 ** 28, 2 ** 32 - 1), fc.nat(2 ** 32 - 1))

describe('answers that are encoded by hand', () => {
  it('a check has the bytes of the generated encoder', () => {
    fc.assert(
      fc.property(check, (answer) => {
        const expected = Buffer.from(CheckResponse.encode(answer).finish())
        expect(encodeCheckResponse(answer).equals(expected)).toBe(true)
        // Once more: it may be remembered now.
        expect(encodeCheckResponse({ ...answer }).equals(expected)).toBe(true)
      }),
    )
  })

  it('a message of a stream has the bytes of the generated encoder', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ id, outcome }), { maxLength: 20 }), (results) => {
        const expected = Buffer.from(CheckStreamResponse.encode({ results }).finish())
        expect(encodeCheckStreamResponse({ results }).equals(expected)).toBe(true)
      }),
    )
  })
})
