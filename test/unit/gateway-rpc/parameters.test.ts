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
  hours: optional(z.number().positive()),
  name: optional(line.min(1).max(3)),
  subject: optional(z.union([z.tuple([line, line]), z.tuple([line, line, line])])),
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
    [{ path: '/', pair: ['a'] }, /^parameter 'pair' must have at least 2 elements$/],
    [{ path: '/', pair: ['a', 7] }, /'pair\.1' must be a string/],
    [{ path: '/', limit: 0 }, /^parameter 'limit' must be at least 1$/],
    [{ path: '/', limit: 11 }, /^parameter 'limit' must be at most 10$/],
    [{ path: '/', hours: 0 }, /^parameter 'hours' must be more than 0$/],
    [{ path: '/', name: '' }, /^parameter 'name' must not be empty$/],
    [{ path: '/', name: 'anna' }, /^parameter 'name' must have at most 3 characters$/],
    [{ path: '/', subject: ['user'] }, /^parameter 'subject' must have at least 2 elements$/],
    [{ path: '/', subject: ['a', 'b', 'c', 'd'] }, /^parameter 'subject' must have at most 3 elements$/],
    [{ path: '/', subject: 'user:a' }, /^parameter 'subject' must be an array$/],
    [{ path: '/', limit: 1.5 }, /'limit' must be a whole number/],
  ])('refuses %j', (params, message) => {
    expect(refusal(params)).toMatch(message)
  })

  it('does not repeat a long unknown name in full', () => {
    expect(refusal({ path: '/', ['x'.repeat(10_000)]: 1 }).length).toBeLessThan(200)
  })
})
