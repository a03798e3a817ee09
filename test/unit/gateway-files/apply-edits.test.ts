import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits, type TextEdit } from '../../../gateway/files/edit/apply-edits.ts'

const CODE = 'function add(a, b) {\n  return a + b\n}\n\nfunction sub(a, b) {\n  return a - b\n}\n'

function edit(oldText: string, newText: string, more: Partial<TextEdit> = {}): TextEdit {
  return { oldText, newText, hintLine: undefined, allowMultiple: false, ...more }
}

describe('edits of a text', () => {
  it('replace what stands there as it is, one after the other', () => {
    const { text, matches, errors } = applyEdits('one two', [edit('one', 'two'), edit('two two', 'three')], 0.85)
    expect({ text, errors }).toEqual({ text: 'three', errors: [] })
    expect(matches).toMatchObject([
      { editIndex: 0, type: 'exact', similarity: 1, lineStart: 1, lineEnd: 1, originalText: 'one', strategy: 'only' },
      { editIndex: 1, type: 'exact', originalText: 'two two', count: 1 },
    ])
  })

  it('need to be told which of several places is meant', () => {
    const ambiguous = applyEdits(CODE, [edit('(a, b)', '(x, y)')], 0.85)
    expect(ambiguous.errors).toEqual([expect.stringMatching(/^Edit 0: old_str was found 2 times, at lines 1, 5: /)])
    const hinted = applyEdits(CODE, [edit('(a, b)', '(x, y)', { hintLine: 6 })], 0.85)
    expect(hinted.text).toBe(CODE.replace('sub(a, b)', 'sub(x, y)'))
    expect(hinted.matches).toMatchObject([{ lineStart: 5, strategy: 'hint', count: 2 }])
    const all = applyEdits(CODE, [edit('(a, b)', '(x, y)', { allowMultiple: true })], 0.85)
    expect(all.text).toBe(CODE.replaceAll('(a, b)', '(x, y)'))
    expect(all.matches).toMatchObject([{ strategy: 'all', count: 2 }])
  })

  it('find whole lines that differ in white space only, and keep the last end of line', () => {
    const found = applyEdits(CODE, [edit('function   sub(a, b) {\nreturn a - b\n', 'const sub = () => {\n')], 0.85)
    expect(found.text).toBe('function add(a, b) {\n  return a + b\n}\n\nconst sub = () => {\n}\n')
    expect(found.matches).toMatchObject([{ type: 'normalized', similarity: 1, lineStart: 5, lineEnd: 6 }])
    const windows = applyEdits('a = 1\r\nb = 2\r\n', [edit('  a = 1\n', 'a = 3\n')], 0.85)
    expect(windows.text).toBe('a = 3\r\nb = 2\r\n')
  })

  it('find the most similar lines, if they are similar enough', () => {
    const typo = edit('function sub(a, b) {\n  retrun a - b\n}', 'gone')
    const found = applyEdits(CODE, [typo], 0.85)
    expect(found.text).toBe('function add(a, b) {\n  return a + b\n}\n\ngone\n')
    expect(found.matches).toMatchObject([{ type: 'fuzzy', lineStart: 5, lineEnd: 7 }])
    expect(found.matches[0]?.similarity).toBeGreaterThan(0.9)
    expect(applyEdits(CODE, [typo], 0.99).errors).toEqual(['Edit 0: old_str was not found in the file.'])
    expect(applyEdits(CODE, [typo], 1).errors).toHaveLength(1)
    expect(applyEdits(CODE, [edit('   \n\n', 'x')], 0.1).errors).toHaveLength(1)
  })

  it.each([
    [
      'similar to all of very many lines',
      'some words that are not looked for\n'.repeat(200_000),
      'words that are looked for, but nowhere',
    ],
    ['similar to one very long line', 'abcdefg '.repeat(20_000), 'abcdefh '.repeat(20_000)],
    ['lines that are the same, but for the last', 'same\n'.repeat(60_000), `${'  same\n'.repeat(30_000)}other`],
  ])('end the search in a text that is too large for it: %s', (_, large, oldText) => {
    expect(applyEdits(large, [edit(oldText, 'x')], 0.2).errors).toEqual([
      'Edit 0: old_str is not in the file, and the file is too large for similar text.',
    ])
  })

  it('find the place that is meant among very many', () => {
    const large = 'again\n'.repeat(200_000)
    const told = applyEdits(large, [edit('again', 'x')], 1)
    expect(told.errors).toEqual([
      expect.stringContaining('was found 200000 times, at lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10: '),
    ])
    const hinted = applyEdits(large, [edit('again', 'once', { hintLine: 150_000 })], 1)
    expect(hinted.matches).toMatchObject([{ lineStart: 150_000, lineEnd: 150_000, count: 200_000 }])
    expect(hinted.text.split('\n').indexOf('once')).toBe(149_999)
  })

  it('what is there as it is comes out as String.replace has it', () => {
    const word = fc.constantFrom('a', 'b', 'ab', ' ', '\n', '$&', 'é')
    const texts = fc.array(word, { maxLength: 12 }).map((words) => words.join(''))
    fc.assert(
      fc.property(texts, word, texts, (before, oldText, newText) => {
        const { text, errors } = applyEdits(before, [edit(oldText, newText, { allowMultiple: true })], 1)
        if (before.includes(oldText)) expect(text).toBe(before.split(oldText).join(newText))
        else expect(errors).toHaveLength(1)
      }),
    )
  })
})
