import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonLines } from '../../../gateway/grep/json-lines.ts'

async function* pieces(text: string, sizes: readonly number[]): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  let at = 0
  for (const size of sizes) {
    yield bytes.subarray(at, at + size)
    at += size
  }
  yield bytes.subarray(at)
}

describe('lines of JSON', () => {
  it('are read however they are cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' })), fc.array(fc.nat(20)), async (texts, sizes) => {
        const objects = texts.map((text) => ({ text: text.toWellFormed() }))
        const source = pieces(objects.map((object) => `${JSON.stringify(object)}\n`).join(''), sizes)
        expect(await Array.fromAsync(jsonLines(source, 10_000))).toEqual(objects)
      }),
    )
  })

  it('pass over what is too long, and over an end that is missing', async () => {
    const long = JSON.stringify({ text: 'x'.repeat(100) })
    const source = pieces(`{"a":1}\n${long}\n{"b":2}\n{"c"`, [20, 30, 5])
    expect(await Array.fromAsync(jsonLines(source, 50))).toEqual([{ a: 1 }, null, { b: 2 }])
  })
})
