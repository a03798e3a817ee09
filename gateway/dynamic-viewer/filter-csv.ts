import { setImmediate as nextTurn } from 'node:timers/promises'
import { Readable } from 'node:stream'
import { parse } from 'csv-parse'
import { stringify } from 'csv-stringify/sync'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { Aggregator } from './aggregate.ts'
import { type ColumnConfig, keyOf } from './column-config.ts'

/** A table as somebody sees it who may not see all of it. */
export interface FilteredTable {
  readonly text: string
  /** column -> aggregation -> value */
  readonly aggregations: Readonly<Record<string, Readonly<Record<string, number | null>>>>
  /** Columns that are shown as they are. */
  readonly shown: readonly string[]
  /** Columns that are shown as one value, as they are called: `mean(age)`. */
  readonly aggregated: readonly string[]
}

interface Column {
  readonly index: number
  readonly name: string
  /** null: as it is. */
  readonly aggregator: Aggregator | null
  readonly title: string
}

/** Rows that are written between two turns of the event loop. */
const ROWS_PER_TURN = 2_000
const PIECE = 65_536

/**
 * Leaves of a CSV text (RFC 4180, the first row names the columns) what a configuration shows. Lines end as in the text.
 * @param strict refuse a text that lacks a column which is hidden or aggregated, if others are visible by default: it
 *   may stand there under another name
 * @throws NexusError INVALID_PARAMS if the text is no table, or a column that is to be aggregated holds other things than numbers
 */
export async function filterCsv(text: string, config: ColumnConfig, strict: boolean): Promise<FilteredTable> {
  const rows = await readRows(text)
  const [header = [], ...records] = rows
  const columns = columnsOf(header, config, strict)
  for (const record of records) for (const { aggregator, index } of columns) aggregator?.add(record[index] ?? '')
  const results = new Map(columns.map((column) => [column, resultOf(column)]))
  const newline = /\r\n/.test(text) ? '\r\n' : '\n'
  const write = (cells: readonly (readonly (string | number | null)[])[]) =>
    stringify([...cells], { record_delimiter: newline })
  const parts = columns.length === 0 ? [] : [write([columns.map(({ title }) => title)])]
  for (let from = 0; from < records.length && columns.length > 0; from += ROWS_PER_TURN) {
    const some = records.slice(from, from + ROWS_PER_TURN)
    parts.push(
      write(
        some.map((record) =>
          columns.map((one) => (one.aggregator ? (results.get(one) ?? null) : (record[one.index] ?? ''))),
        ),
      ),
    )
    await nextTurn()
  }
  const aggregated = columns.filter(({ aggregator }) => aggregator !== null)
  return {
    text: parts.join(''),
    aggregations: Object.fromEntries(
      aggregated.map((column) => [column.name, { [operationOf(column, config)]: results.get(column) ?? null }]),
    ),
    shown: columns.filter(({ aggregator }) => aggregator === null).map(({ name }) => name),
    aggregated: aggregated.map(({ title }) => title),
  }
}

async function readRows(text: string): Promise<readonly (readonly string[])[]> {
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < text.length; at += PIECE) {
      yield text.slice(at, at + PIECE)
      // A large table does not keep other calls waiting.
      await nextTurn()
    }
  }
  const parser = Readable.from(pieces()).pipe(
    parse({ bom: true, relax_column_count: true, skip_empty_lines: true, max_record_size: 1_048_576 }),
  )
  const rows: (readonly string[])[] = []
  try {
    for await (const row of parser) rows.push(row as readonly string[])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new NexusError('INVALID_PARAMS', `the text is not a CSV table: ${reason}`, { cause: error })
  }
  return rows
}

function columnsOf(header: readonly string[], config: ColumnConfig, strict: boolean): readonly Column[] {
  const hidden = new Set((config.hidden_columns ?? []).map(keyOf))
  const aggregations = new Map(Object.entries(config.aggregations ?? {}).map(([name, how]) => [keyOf(name), how]))
  const visible = new Set((config.visible_columns ?? []).map(keyOf))
  if (strict && visible.size === 0) {
    const there = new Set(header.map(keyOf))
    if ([...hidden, ...aggregations.keys()].some((name) => !there.has(name))) {
      throw new NexusError(
        'INVALID_PARAMS',
        'the table no longer has the columns that this view was made for; its owner has to set the view anew',
      )
    }
  }
  return header.flatMap((name, index): Column[] => {
    const key = keyOf(name)
    if (hidden.has(key)) return []
    const how = aggregations.get(key)
    if (how !== undefined) return [{ index, name, aggregator: new Aggregator(how), title: `${how}(${name})` }]
    return visible.size === 0 || visible.has(key) ? [{ index, name, aggregator: null, title: name }] : []
  })
}

function resultOf({ aggregator, name, title }: Column): number | null {
  if (aggregator === null) return null
  if (aggregator.notNumber !== null) {
    throw new NexusError('INVALID_PARAMS', `there is no ${title}: the column '${name}' has cells that are not numbers`)
  }
  return aggregator.result()
}

function operationOf({ name }: Column, config: ColumnConfig): string {
  const [, how = ''] = Object.entries(config.aggregations ?? {}).find(([one]) => keyOf(one) === keyOf(name)) ?? []
  return how
}
