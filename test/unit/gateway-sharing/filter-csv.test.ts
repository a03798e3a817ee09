import fc from 'fast-check'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { describe, expect, it } from 'vitest'
import { Aggregator } from '../../../gateway/dynamic-viewer/aggregate.ts'
import { type ColumnConfig, checkColumnConfig } from '../../../gateway/dynamic-viewer/column-config.ts'
import { filterCsv } from '../../../gateway/dynamic-viewer/filter-csv.ts'

const STAFF = 'name,age,salary\nAda,36,100\n"Bob ""B"" Roe",40,90\n"Eve, ""the last""\nof all",41,80\n'

const work = { pause: () => Promise.resolve(), enterLarge: () => Promise.resolve() }
const filter = (text: string, config: ColumnConfig, strict: boolean) =>
  filterCsv(Buffer.from(text), config, strict, work)

describe('a table with a configuration of columns', () => {
  it('leaves out what is hidden, and quotes exactly what needs it', async () => {
    const { text, shown } = await filter(STAFF, { hidden_columns: ['salary'] }, true)
    expect(text).toBe('name,age\nAda,36\n"Bob ""B"" Roe",40\n"Eve, ""the last""\nof all",41\n')
    expect(shown).toEqual(['name', 'age'])
  })

  it('shows an aggregated column as one value', async () => {
    const table = await filter(STAFF, { hidden_columns: ['name'], aggregations: { age: 'mean', salary: 'sum' } }, true)
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
    const { aggregations } = await filter(STAFF, { aggregations: { age: how } }, true)
    expect(aggregations['age']?.[how]).toBeCloseTo(expected, 12)
  })

  it('skips cells without a value, and refuses what is no number', async () => {
    const column = (cells: string) => `n\n${cells}\n`
    const mean = async (cells: string) =>
      (await filter(column(cells), { aggregations: { n: 'mean' } }, true)).aggregations['n']?.['mean']
    expect(await mean('1\nN/A\nnull\n3')).toBe(2)
    expect(await mean('NaN')).toBeNull()
    await expect(mean('1\nmany')).rejects.toThrow("there is no mean(n): the column 'n' has cells that are not numbers")
  })

  it('with visible columns shows these and nothing else', async () => {
    const { text } = await filter(STAFF, { visible_columns: ['age'], hidden_columns: ['none'] }, true)
    expect(text).toBe('age\n36\n40\n41\n')
    expect((await filter(STAFF, { visible_columns: ['none'] }, true)).text).toBe('')
  })

  it.each(['\uFEFFsalary,name', ' Salary ,name', '"SALARY",name', 'ｓａｌａｒｙ,name', 'name,salary,salary'])(
    'hides a column however it is written: %s',
    async (header) => {
      const { text } = await filter(`${header}\nsecret,secret,secret\n`, { hidden_columns: ['salary'] }, true)
      expect(text).toBe('name\nsecret\n')
    },
  )

  it('shows nothing when a hidden column is gone, which may stand there under another name', async () => {
    const renamed = STAFF.replace('salary', 'pay')
    await expect(filter(renamed, { hidden_columns: ['salary'] }, true)).rejects.toThrow('set the view anew')
    await expect(filter('name;salary\nAda;1\n', { hidden_columns: ['salary'] }, true)).rejects.toThrow('anew')
    expect((await filter(renamed, { hidden_columns: ['salary'] }, false)).shown).toContain('pay')
  })

  it('drops cells beyond the header, fills missing ones, keeps how lines end', async () => {
    const { text } = await filter(
      'a,b\r\n1,2,secret\r\n3\r\n',
      { hidden_columns: ['x'], visible_columns: ['a', 'b'] },
      true,
    )
    expect(text).toBe('a,b\r\n1,2\r\n3,\r\n')
  })

  it('refuses what is no table', async () => {
    await expect(filter('a,b\n"open', { hidden_columns: ['a'] }, true)).rejects.toThrow('not a CSV table')
    expect((await filter('', { visible_columns: ['a'] }, true)).text).toBe('')
  })

  it('keeps letters whole, and rows, wherever the text is taken apart', async () => {
    const rows = Array.from({ length: 5_000 }, (_, index) => `${index},"ä€😀, ""${index}""\nx",3`)
    const { text } = await filter(`a,b,c\n${rows.join('\n')}\n`, { hidden_columns: ['c'] }, true)
    expect(text).toBe(`a,b\n${rows.map((row) => `${row.slice(0, -2)}\n`).join('')}`)
    const late = `a,b\n${'1,2\n'.repeat(20_000)}"open`
    await expect(filter(late, { visible_columns: ['none'] }, true)).rejects.toThrow('not a CSV table')
    await expect(filter(late, { aggregations: { a: 'sum' } }, true)).rejects.toThrow('not a CSV table')
  })

  it('refuses what would be too large', async () => {
    const long = `a,b\n${`${'x'.repeat(1_000_000)},\n`.repeat(68)}`
    await expect(filter(long, { hidden_columns: ['b'] }, true)).rejects.toMatchObject({ reason: 'TOO_LARGE' })
    const wide = `${'a,'.repeat(16_384)}b\n`
    await expect(filter(wide, { hidden_columns: ['b'] }, true)).rejects.toThrow('at most 16384 columns')
  })

  it('sums up as the whole list of numbers would be', async () => {
    const numbers = fc.oneof(
      fc.array(fc.integer({ min: -1_000, max: 1_000 }), { maxLength: 50 }),
      // More than are kept in one part.
      fc
        .tuple(fc.nat({ max: 20_000 }), fc.integer({ min: 1, max: 500 }))
        .map(([length, step]) => Array.from({ length }, (_, index) => ((index * 7_919) % step) - 100)),
    )
    await fc.assert(
      fc.asyncProperty(numbers, async (values) => {
        const of = async (how: ConstructorParameters<typeof Aggregator>[0]) => {
          const aggregator = new Aggregator(how)
          for (const value of values) aggregator.add(String(value))
          return await aggregator.result(work.pause)
        }
        const sorted = values.toSorted((a, b) => a - b)
        const total = values.reduce((sum, value) => sum + value, 0)
        const none = values.length === 0
        const [low = 0, high = 0] = [(values.length - 1) >> 1, values.length >> 1].map((index) => sorted[index])
        expect(await of('median')).toBe(none ? null : (low + high) / 2)
        expect(await of('sum')).toBe(total)
        expect(await of('count')).toBe(values.length)
        expect(await of('mean')).toBe(none ? null : total / values.length)
        expect(await of('min')).toBe(none ? null : sorted[0])
        expect(await of('max')).toBe(none ? null : sorted.at(-1))
        const mean = total / values.length
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
        const deviation = await of('std')
        if (values.length < 2) expect(deviation).toBeNull()
        else expect(deviation).toBeCloseTo(Math.sqrt(variance), 8)
      }),
      { numRuns: 100 },
    )
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
        const { text } = await filter(stringify([header, ...full]), { hidden_columns: hidden }, true)
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
