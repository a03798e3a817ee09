import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  content,
  instant,
  line,
  optional,
  parseParameters,
  path,
  withDefault,
} from '../../../gateway/rpc/parameters.ts'
import type { DecodedObject } from '../../../gateway/rpc/special-values.ts'

const schema = z.strictObject({
  path,
  recursive: withDefault(z.boolean(), true),
  tier: optional(line),
  content: optional(content),
  at: optional(instant),
  pair: optional(z.tuple([line, line])),
  limit: optional(z.int().min(1).max(10)),
})

function refusal(params: DecodedObject): string {
  try {
    parseParameters(schema, params)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return 'accepted'
}

describe('parameters', () => {
  it('null is the same as nothing', () => {
    expect(parseParameters(schema, { path: '/a', recursive: null, tier: null })).toEqual(
      parseParameters(schema, { path: '/a' }),
    )
    expect(parseParameters(schema, { path: '/a' }).recursive).toBe(true)
  })

  it('text is stored as UTF-8', () => {
    expect(parseParameters(schema, { path: '/a', content: 'é' }).content).toEqual(Buffer.from([0xc3, 0xa9]))
  })

  it('names everything that is wrong at once', () => {
    expect(refusal({ recursive: 'yes', colour: 'red', size: 1 })).toBe(
      "missing parameter 'path'; parameter 'recursive' must be true or false; unknown parameter 'colour', 'size'",
    )
  })

  it.each<[DecodedObject, RegExp]>([
    [{ path: 7 }, /^parameter 'path' must be a string$/],
    [{ path: null }, /^parameter 'path' must be a string$/],
    [{ path: '/', tier: 'a\nb' }, /'tier' must not contain control characters/],
    [{ path: '/', tier: '\ud800' }, /'tier' must be well-formed Unicode/],
    [{ path: '/', content: 7 }, /'content' must be bytes or a string/],
    [{ path: '/', content: '\ud800' }, /'content' must be/],
    [{ path: '/', at: 'soon' }, /'at' must be an ISO 8601 time/],
    [{ path: '/', pair: 'ab' }, /'pair' must be an array/],
    [{ path: '/', pair: ['a'] }, /'pair(\.1)?' must be/],
    [{ path: '/', pair: ['a', 7] }, /'pair\.1' must be a string/],
    [{ path: '/', limit: 0 }, /'limit' must be/],
    [{ path: '/', limit: 1.5 }, /'limit' must be a whole number/],
  ])('refuses %j', (params, message) => {
    expect(refusal(params)).toMatch(message)
  })

  it('does not repeat a long unknown name in full', () => {
    expect(refusal({ path: '/', ['x'.repeat(10_000)]: 1 }).length).toBeLessThan(200)
  })
})
