import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteRange } from '../../../gateway/http/files/byte-range.ts'

describe('the range of a request', () => {
  it.each([
    ['bytes=0-0', 10, { start: 0, end: 1 }],
    ['bytes=2-5', 10, { start: 2, end: 6 }],
    ['bytes=2-', 10, { start: 2, end: 10 }],
    ['bytes=2-99', 10, { start: 2, end: 10 }],
    ['bytes=-3', 10, { start: 7, end: 10 }],
    ['bytes=-99', 10, { start: 0, end: 10 }],
    ['bytes=2-99999999999999999999999', 10, { start: 2, end: 10 }],
    ['bytes=-99999999999999999999999', 10, { start: 0, end: 10 }],
    ['Bytes = 9-9 ', 10, { start: 9, end: 10 }],
  ])('%s of %i', (header, size, range) => {
    expect(byteRange(header, size)).toEqual(range)
  })

  it.each(['bytes=10-', 'bytes=10-12', 'bytes=99999999999999999999999-', 'bytes=-0', 'bytes=-00'])(
    '%s of 10: there are no such bytes',
    (header) => {
      expect(byteRange(header, 10)).toBe('none')
    },
  )

  it('of nothing there is no first byte, and the last ones are nothing', () => {
    expect(byteRange('bytes=0-', 0)).toBe('none')
    expect(byteRange('bytes=-1', 0)).toBe('whole')
  })

  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=a-b', 'bytes=1'])(
    '%s is passed over',
    (header) => {
      expect(byteRange(header, 10)).toBe('whole')
    },
  )

  it('never leaves the file', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.option(fc.nat(2_000)), fc.option(fc.nat(2_000)), (size, first, last) => {
        const range = byteRange(`bytes=${first ?? ''}-${last ?? ''}`, size)
        if (typeof range === 'string') return
        expect(range.start).toBeGreaterThanOrEqual(0)
        expect(range.start).toBeLessThan(range.end)
        expect(range.end).toBeLessThanOrEqual(size)
      }),
    )
  })
})
