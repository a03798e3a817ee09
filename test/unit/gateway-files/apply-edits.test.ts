import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits as applyEditsIn, type TextEdit } from '../../../gateway/files/edit/apply-edits.ts'
import { Turn } from '../../../gateway/slices.ts'

const CODE = 'function add(a, b) {\n  return a + b\n}\n\nfunction sub(a, b) {\n  return a - b\n}\n'

const applyEdits = (text: string, edits: readonly TextEdit[], threshold: number) =>
  applyEditsIn(text, edits, threshold, new Turn())

function edit(oldText: string, newText: string, more: Partial<TextEdit> = {}): TextEdit {
  return { oldText, newText, hintLine: undefined, allowMultiple: false, ...more }
}

describe('edits of a text', () => {
  it('replace what stands there as it is, one after the other', async () => {
    const { text, matches, errors } = await applyEdits('one two', [edit('one', 'two'), edit('two two', 'three')], 0.85)
    expect({ text, errors }).toEqual({ text: 'three', errors: [] })
    expect(matches).toMatchObject([
      { editIndex: 0, type: 'exact', similarity: 1, lineStart: 1, lineEnd: 1, originalText: 'one', strategy: 'only' },
      { editIndex: 1, type: 'exact', originalText: 'two two', count: 1 },
    ])
  })

  it('need to be told which of several places is meant', async () => {
    const ambiguous = await applyEdits(CODE, [edit('(a, b)', '(x, y)')], 0.85)
    expect(ambiguous.errors).toEqual([expect.stringMatching(/^Edit 0: old_str was found 2 times, at lines 1, 5: /)])
    const hinted = await applyEdits(CODE, [edit('(a, b)', '(x, y)', { hintLine: 6 })], 0.85)
    expect(hinted.text).toBe(CODE.replace('sub(a, b)', 'sub(x, y)'))
    expect(hinted.matches).toMatchObject([{ lineStart: 5, strategy: 'hint', count: 2 }])
    const all = await applyEdits(CODE, [edit('(a, b)', '(x, y)', { allowMultiple: true })], 0.85)
    expect(all.text).toBe(CODE.replaceAll('(a, b)', '(x, y)'))
    expect(all.matches).toMatchObject([{ strategy: 'all', count: 2 }])
  })

  it('find whole lines that differ in white space only, and keep the last end of line', async () => {
    const found = await applyEdits(
      CODE,
      [edit('function   sub(a, b) {\nreturn a - b\n', 'const sub = () => {\n')],
      0.85,
    )
    expect(found.text).toBe('function add(a, b) {\n  return a + b\n}\n\nconst sub = () => {\n}\n')
    expect(found.matches).toMatchObject([{ type: 'normalized', similarity: 1, lineStart: 5, lineEnd: 6 }])
    const windows = await applyEdits('a = 1\r\nb = 2\r\n', [edit('  a = 1\n', 'a = 3\n')], 0.85)
    expect(windows.text).toBe('a = 3\r\nb = 2\r\n')
  })

  it('find the most similar lines, if they are similar enough', async () => {
    const typo = edit('function sub(a, b) {\n  retrun a - b\n}', 'gone')
    const found = await applyEdits(CODE, [typo], 0.85)
    expect(found.text).toBe('function add(a, b) {\n  return a + b\n}\n\ngone\n')
    expect(found.matches).toMatchObject([{ type: 'fuzzy', lineStart: 5, lineEnd: 7 }])
    expect(found.matches[0]?.similarity).toBeGreaterThan(0.9)
    expect((await applyEdits(CODE, [typo], 0.99)).errors).toEqual(['Edit 0: old_str was not found in the file.'])
    expect((await applyEdits(CODE, [typo], 1)).errors).toHaveLength(1)
    expect((await applyEdits(CODE, [edit('   \n\n', 'x')], 0.1)).errors).toHaveLength(1)
  })

  it.each([
    [
      'similar to all of very many lines',
      'some words that are not looked for\n'.repeat(400_000),
      'words that are looked for, but nowhere',
    ],
    ['similar to one very long line', 'abcdefg '.repeat(20_000), 'abcdefh '.repeat(20_000)],
    ['lines that are the same, but for the last', 'same\n'.repeat(60_000), `${'  same\n'.repeat(30_000)}other`],
  ])('end the search in a text that is too large for it: %s', async (_, large, oldText) => {
    expect((await applyEdits(large, [edit(oldText, 'x')], 0.2)).errors).toEqual([
      expect.stringMatching(/^Edit 0: old_str is not in the file as it stands, and similar text was not looked for to/),
    ])
  })

  it('find the place that is meant among very many', async () => {
    const large = 'again\n'.repeat(200_000)
    const told = await applyEdits(large, [edit('again', 'x')], 1)
    expect(told.errors).toEqual([
      expect.stringContaining('was found 200000 times, at lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10: '),
    ])
    const hinted = await applyEdits(large, [edit('again', 'once', { hintLine: 150_000 })], 1)
    expect(hinted.matches).toMatchObject([{ lineStart: 150_000, lineEnd: 150_000, count: 200_000 }])
    expect(hinted.text.split('\n').indexOf('once')).toBe(149_999)
  })

  it('what is there as it is comes out as String.replace has it', async () => {
    const word = fc.constantFrom('a', 'b', 'ab', ' ', '\n', '$&', 'é')
    const texts = fc.array(word, { maxLength: 12 }).map((words) => words.join(''))
    await fc.assert(
      fc.asyncProperty(texts, word, texts, async (before, oldText, newText) => {
        const { text, errors } = await applyEdits(before, [edit(oldText, newText, { allowMultiple: true })], 1)
        if (before.includes(oldText)) expect(text).toBe(before.split(oldText).join(newText))
        else expect(errors).toHaveLength(1)
      }),
    )
  })

  it('finds what String.indexOf finds', async () => {
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(texts, texts, async (text, wanted) => {
        const { matches } = await applyEdits(text, [edit(wanted, '', { allowMultiple: true })], 1)
        expect(matches.map(({ count }) => count)).toEqual(text.includes(wanted) ? [text.split(wanted).length - 1] : [])
      }),
    )
  })

  it('do not make a text larger than one that is edited', async () => {
    const doubling = Array.from({ length: 24 }, () => edit('a', 'aa', { allowMultiple: true }))
    const grown = await applyEdits('a', doubling, 0.85)
    expect(grown.matches.at(-1)).toMatchObject({ editIndex: 21, count: 2 ** 21 })
    const refusal = (index: number) => `Edit ${index}: the text would have more than 4 MiB, which are not edited.`
    expect(grown.errors).toEqual([22, 23].map(refusal))
    const long = edit('a', 'x'.repeat(100_000), { allowMultiple: true })
    expect((await applyEdits('a'.repeat(1_000_000), [long], 0.85)).errors).toEqual([refusal(0)])
    // Bytes count, not characters.
    expect((await applyEdits('a'.repeat(2_000_000), [edit('a', 'ää', { allowMultiple: true })], 1)).errors).toEqual([
      refusal(0),
    ])
  })

  it('share what the search for similar text may cost, and let others run meanwhile', async () => {
    const large = 'some words that are not looked for\n'.repeat(100_000)
    const missing = Array.from({ length: 20 }, (_, index) => edit(`words of edit ${index}, but nowhere`, 'x'))
    const known = edit('some words', 'Some words', { hintLine: 1 })
    let turns = 0
    const timer = setInterval(() => void turns++, 1)
    try {
      const { errors, matches } = await applyEdits(large, [...missing, known], 0.85)
      expect(errors).toHaveLength(20)
      expect(errors[0]).toBe('Edit 0: old_str was not found in the file.')
      expect(errors[19]).toMatch(/^Edit 19: .* similar text was not looked for to the end/)
      // What stands there is found all the same.
      expect(matches).toMatchObject([{ editIndex: 20, type: 'exact', lineStart: 1 }])
    } finally {
      clearInterval(timer)
    }
    expect(turns).toBeGreaterThan(10)
  })

  it.each([
    ['like the text nearly everywhere', 'a'.repeat(2_000_000), `${'a'.repeat(200_000)}b${'a'.repeat(200_000)}`],
    [
      'of lines like the text nearly everywhere',
      'a \n'.repeat(500_000),
      `${'a\n'.repeat(100_000)}b\n${'a\n'.repeat(100_000)}`,
    ],
  ])('find out about an old text %s', async (_, text, oldText) => {
    expect((await applyEdits(text, [edit(oldText, 'x')], 0.99)).errors).toHaveLength(1)
  })

  it('end when nobody waits for them, and at the deadline', async () => {
    const large = 'again\n'.repeat(200_000)
    const edits = Array.from({ length: 100 }, () => edit('nowhere', 'x'))
    const late = applyEditsIn(large, edits, 0.85, new Turn(undefined, Date.now() - 1))
    await expect(late).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' })
    const left = applyEditsIn(large, edits, 0.85, new Turn(AbortSignal.abort()))
    await expect(left).rejects.toMatchObject({ reason: 'CANCELLED' })
  })
})
