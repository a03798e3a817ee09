import fc from 'fast-check'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { describe, expect, it } from 'vitest'
import { checkColumnConfig } from '../../../gateway/dynamic-viewer/column-config.ts'
import { filterCsv } from '../../../gateway/dynamic-viewer/filter-csv.ts'

const STAFF = 'name,age,salary\nAda,36,100\n"Bob ""B"" Roe",40,90\n"Eve, ""the last""\nof all",41,80\n'

describe('a table with a configuration of columns', () => {
  it('leaves out what is hidden, and quotes exactly what needs it', async () => {
    const { text, shown } = await filterCsv(STAFF, { hidden_columns: ['salary'] }, true)
    expect(text).toBe('name,age\nAda,36\n"Bob ""B"" Roe",40\n"Eve, ""the last""\nof all",41\n')
    expect(shown).toEqual(['name', 'age'])
  })

  it('shows an aggregated column as one value', async () => {
    const table = await filterCsv(
      STAFF,
      { hidden_columns: ['name'], aggregations: { age: 'mean', salary: 'sum' } },
      true,
    )
    expect(table.text).toBe('mean(age),sum(salary)\n39,270\n39,270\n39,270\n')
    expect(table.aggregations).toEqual({ age: { mean: 39 }, salary: { sum: 270 } })
    expect(table.aggregated).toEqual(['mean(age)', 'sum(salary)'])
  })

  it.each([
    ['count', 3],
    ['min', 36],
    ['max', 41],
    ['median', 40],
    ['std', Math.sqrt(7)],
  ] as const)('%s', async (how, expected) => {
    const { aggregations } = await filterCsv(STAFF, { aggregations: { age: how } }, true)
    expect(aggregations['age']?.[how]).toBeCloseTo(expected, 12)
  })

  it('skips cells without a value, and refuses what is no number', async () => {
    const column = (cells: string) => `n\n${cells}\n`
    const mean = async (cells: string) =>
      (await filterCsv(column(cells), { aggregations: { n: 'mean' } }, true)).aggregations['n']?.['mean']
    expect(await mean('1\nN/A\nnull\n3')).toBe(2)
    expect(await mean('NaN')).toBeNull()
    await expect(mean('1\nmany')).rejects.toThrow("there is no mean(n): the column 'n' has cells that are not numbers")
  })

  it('with visible columns shows these and nothing else', async () => {
    const { text } = await filterCsv(STAFF, { visible_columns: ['age'], hidden_columns: ['none'] }, true)
    expect(text).toBe('age\n36\n40\n41\n')
    expect((await filterCsv(STAFF, { visible_columns: ['none'] }, true)).text).toBe('')
  })

  it.each(['\uFEFFsalary,name', ' Salary ,name', '"SALARY",name', 'ｓａｌａｒｙ,name', 'name,salary,salary'])(
    'hides a column however it is written: %s',
    async (header) => {
      const { text } = await filterCsv(`${header}\nsecret,secret,secret\n`, { hidden_columns: ['salary'] }, true)
      expect(text).toBe('name\nsecret\n')
    },
  )

  it('shows nothing when a hidden column is gone, which may stand there under another name', async () => {
    const renamed = STAFF.replace('salary', 'pay')
    await expect(filterCsv(renamed, { hidden_columns: ['salary'] }, true)).rejects.toThrow('set the view anew')
    await expect(filterCsv('name;salary\nAda;1\n', { hidden_columns: ['salary'] }, true)).rejects.toThrow('anew')
    expect((await filterCsv(renamed, { hidden_columns: ['salary'] }, false)).shown).toContain('pay')
  })

  it('drops cells beyond the header, fills missing ones, keeps how lines end', async () => {
    const { text } = await filterCsv(
      'a,b\r\n1,2,secret\r\n3\r\n',
      { hidden_columns: ['x'], visible_columns: ['a', 'b'] },
      true,
    )
    expect(text).toBe('a,b\r\n1,2\r\n3,\r\n')
  })

  it('refuses what is no table', async () => {
    await expect(filterCsv('a,b\n"open', { hidden_columns: ['a'] }, true)).rejects.toThrow('not a CSV table')
    expect((await filterCsv('', { visible_columns: ['a'] }, true)).text).toBe('')
  })

  it('is what one gets by leaving columns out of the parsed table', async () => {
    const cell = fc.string({ maxLength: 12 }).filter((text) => !text.includes('\r') && text.isWellFormed())
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 2, maxLength: 5 })
    const tables = names.chain((header) =>
      fc.tuple(
        fc.constant(header),
        fc.array(fc.array(cell, { minLength: header.length, maxLength: header.length }), { maxLength: 8 }),
        fc.subarray(header, { minLength: 1, maxLength: header.length - 1 }),
      ),
    )
    await fc.assert(
      fc.asyncProperty(tables, async ([header, rows, hidden]) => {
        // A row of nothing but empty cells is an empty line where one column is left.
        const full = rows.filter((row) => row.every((text) => text !== ''))
        const { text } = await filterCsv(stringify([header, ...full]), { hidden_columns: hidden }, true)
        const kept = header.map((name) => !hidden.includes(name))
        const expected = [header, ...full].map((row) => row.filter((_, index) => kept[index]))
        expect(parse(text)).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    [{}, 'must name columns'],
    [{ hidden_columns: ['a'], visible_columns: ['A '] }, 'in one place only'],
    [{ aggregations: { a: 'mode' } }, 'aggregations.a'],
    [{ hidden: ['a'] }, 'hidden'],
    [{ hidden_columns: 'a' }, 'hidden_columns'],
  ])('refuses the configuration %j', (config, message) => {
    expect(() => checkColumnConfig(config)).toThrow(message)
  })
})
