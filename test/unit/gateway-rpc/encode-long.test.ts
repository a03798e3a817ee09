import { describe, expect, it } from 'vitest'
import { encodeLong, isLong } from '../../../gateway/rpc/encode-long.ts'
import { successBody } from '../../../gateway/rpc/envelope.ts'
import { LongList } from '../../../gateway/rpc/method.ts'
import { encodeSpecialValues } from '../../../gateway/rpc/special-values.ts'

const NUMBERS = Array.from({ length: 5_000 }, (_, index) => index)
const present = (index: number) => ({ path: `/\u{1f600}"${index}`, at: new Date(index), nothing: undefined })

describe('long results', () => {
  it.each([
    { files: new LongList(NUMBERS, present) },
    { files: new LongList(NUMBERS, present), next_cursor: null, has_more: false, nothing: undefined },
    { '*': NUMBERS.map(String), '"': [], few: [{ deep: [1] }] },
  ])('are the same text in pieces', async (result) => {
    expect(isLong(result)).toBe(true)
    const pieces = await encodeLong('seven', result)
    expect(Buffer.concat(pieces).toString()).toBe(successBody('seven', encodeSpecialValues(result)))
  })

  it('have more than one piece', async () => {
    expect((await encodeLong(1, { files: new LongList(NUMBERS, present) })).length).toBeGreaterThan(2)
  })

  it('are objects with a long list', () => {
    for (const short of [null, 1, NUMBERS, {}, { files: [1] }, { files: new LongList([1], present) }, new Date()]) {
      expect(isLong(short)).toBe(false)
    }
  })

  it('are not made when nobody waits for them', async () => {
    const making = encodeLong(1, { files: new LongList(NUMBERS, present) }, AbortSignal.abort())
    await expect(making).rejects.toMatchObject({ reason: 'CANCELLED' })
  })
})
