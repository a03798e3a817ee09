import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../../services/common/json.ts'
import {
  decodeSpecialValues,
  encodeSpecialValues,
  parseIsoTime,
  Timedelta,
} from '../../../gateway/rpc/special-values.ts'

describe('special values', () => {
  it('survive a round trip, at any depth', () => {
    const wire: JsonValue = {
      bytes: { __type__: 'bytes', data: 'aGk=' },
      list: [{ at: { __type__: 'datetime', data: '2026-01-31T12:00:00.000+00:00' } }, null, 1, 'x', true],
      wait: { __type__: 'timedelta', seconds: 1.5 },
    }
    const decoded = decodeSpecialValues(wire)
    expect(decoded).toEqual({
      bytes: Buffer.from('hi'),
      list: [{ at: new Date('2026-01-31T12:00:00Z') }, null, 1, 'x', true],
      wait: new Timedelta(1.5),
    })
    expect(encodeSpecialValues(decoded)).toEqual(wire)
  })

  it('an empty file is bytes without data', () => {
    expect(decodeSpecialValues({ __type__: 'bytes', data: '' })).toEqual(Buffer.alloc(0))
  })

  it.each([
    [{ __type__: 'bytes', data: 'not base64!' }],
    [{ __type__: 'bytes', data: 'abcde' }],
    [{ __type__: 'bytes', data: 7 }],
    [{ __type__: 'bytes' }],
    [{ __type__: 'datetime', data: 'yesterday' }],
    [{ __type__: 'timedelta', seconds: 'long' }],
    [{ __type__: 'set', data: [] }],
    [{ __type__: null }],
  ])('refuses %j', (value) => {
    expect(() => decodeSpecialValues(value)).toThrowError(expect.objectContaining({ reason: 'INVALID_PARAMS' }))
  })

  it('refuses what is nested without end', () => {
    let value: JsonValue = 1
    for (let depth = 0; depth < 10_000; depth++) value = [value]
    expect(() => decodeSpecialValues(value)).toThrowError(expect.objectContaining({ reason: 'INVALID_PARAMS' }))
  })

  it('a member named __proto__ is only a member', () => {
    const decoded = decodeSpecialValues(JSON.parse('{"__proto__": {"admin": true}}') as JsonValue)
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    expect(Object.hasOwn(decoded as object, '__proto__')).toBe(true)
  })

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00.123456', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00.123456+02:00', '2026-01-31T10:00:00.123Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2028-02-29T12:00', '2028-02-29T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5-0530', '2026-01-31T17:30:00.500Z'],
    ['2026-01-31 12:00:00+02', '2026-01-31T10:00:00.000Z'],
  ])('reads the time %s', (text, expected) => {
    expect(new Date(parseIsoTime(text) ?? 0).toISOString()).toBe(expected)
  })

  it.each([
    '',
    'soon',
    '12',
    '2026-13-45',
    '2026-02-29',
    '2026-04-31T12:00:00Z',
    '2026-01-31T99:00:00Z',
    '2026-01-31T12:00:00Z or later',
    '2026-01-31T12:00:00+25:00',
  ])('%j is no time', (text) => {
    expect(parseIsoTime(text)).toBeUndefined()
  })
})
