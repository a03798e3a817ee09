import { describe, expect, it } from 'vitest'
import { etagsOf, judge, outdatedRange } from '../../../gateway/http/files/conditions.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const file = { etag: 'abc', modifiedAt: NOON + 400 }
const date = (offset: number) => new Date(NOON + offset).toUTCString()

describe('etags of a header', () => {
  it.each([
    ['"a"', ['a']],
    ['"a", W/"b" , c', ['a', 'b', 'c']],
    ['*', ['*']],
    ['"with, comma"', ['with, comma']],
    ['', []],
  ])('%s', (header, tags) => {
    expect(etagsOf(header, false)).toEqual(tags)
  })

  it('weak ones do not count where bytes do', () => {
    expect(etagsOf('W/"a", "b"', true)).toEqual(['b'])
    expect(etagsOf(undefined, true)).toBeUndefined()
  })
})

describe('conditions', () => {
  it.each([
    ['none', {}, 'send'],
    ['If-Match holds', { 'if-match': '"x", "abc"' }, 'send'],
    ['If-Match for whatever is there', { 'if-match': '*' }, 'send'],
    ['If-Match does not hold', { 'if-match': '"x"' }, 'failed'],
    ['a weak If-Match never holds', { 'if-match': 'W/"abc"' }, 'failed'],
    ['If-None-Match knows it', { 'if-none-match': '"abc"' }, 'unchanged'],
    ['If-None-Match knows it, weakly', { 'if-none-match': 'W/"abc"' }, 'unchanged'],
    ['If-None-Match knows anything', { 'if-none-match': '*' }, 'unchanged'],
    ['If-None-Match knows another', { 'if-none-match': '"x"' }, 'send'],
    ['not modified since the second', { 'if-modified-since': date(0) }, 'unchanged'],
    ['modified since', { 'if-modified-since': date(-1_000) }, 'send'],
    ['a date that is none', { 'if-modified-since': 'yesterday' }, 'send'],
    ['unmodified since', { 'if-unmodified-since': date(0) }, 'send'],
    ['not unmodified since', { 'if-unmodified-since': date(-1_000) }, 'failed'],
    ['If-Match counts before a date', { 'if-match': '"abc"', 'if-unmodified-since': date(-1_000) }, 'send'],
    ['If-None-Match counts before a date', { 'if-none-match': '"x"', 'if-modified-since': date(0) }, 'send'],
    ['both must hold', { 'if-match': '"x"', 'if-none-match': '"abc"' }, 'failed'],
  ])('%s', (_name, headers, judgement) => {
    expect(judge(headers, file)).toBe(judgement)
  })

  it('a range goes with the content that it was of', () => {
    expect(outdatedRange({}, file)).toBe(false)
    expect(outdatedRange({ 'if-range': '"abc"' }, file)).toBe(false)
    expect(outdatedRange({ 'if-range': 'W/"abc"' }, file)).toBe(true)
    expect(outdatedRange({ 'if-range': '"x"' }, file)).toBe(true)
    expect(outdatedRange({ 'if-range': date(-1_000) }, file)).toBe(true)
    expect(outdatedRange({ 'if-range': date(0) }, { ...file, modifiedAt: NOON - 86_400_000 })).toBe(true)
    expect(outdatedRange({ 'if-range': new Date(0).toUTCString() }, { ...file, modifiedAt: 5 })).toBe(false)
    const now = Date.now()
    expect(outdatedRange({ 'if-range': new Date(now).toUTCString() }, { ...file, modifiedAt: now })).toBe(true)
  })
})
