import { stringify } from 'csv-stringify/sync'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { Aggregator } from './aggregate.ts'
import { type ColumnConfig, keyOf } from './column-config.ts'
import { readRows, type Row } from './read-rows.ts'

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

/** How a table is worked on beside other calls. */
export interface Work {
  /** Lets others run; to be awaited again and again. @throws NexusError if nobody waits any more */
  readonly pause: () => Promise<void>
  /** To be awaited before more than LARGE_BYTES are held, as often as one likes. */
  readonly enterLarge: () => Promise<void>
}

export const LARGE_BYTES = 262_144
/** What is left of a table has at most so many bytes. */
const MAX_OUTPUT_BYTES = 67_108_864
const MAX_COLUMNS = 16_384
/** So many cells are looked at between two pauses, or one row. */
const CELLS = 4_096

/**
 * Leaves of a CSV text (RFC 4180 in UTF-8, the first row names the columns) what a configuration shows. Lines end as in
 * the text. It is read twice where columns are aggregated, so that its rows are not held.
 * @param strict refuse a text that lacks a column which is hidden or aggregated, if others are visible by default: it
 *   may stand there under another name
 * @throws NexusError INVALID_PARAMS if the text is no table, or a column that is to be aggregated holds other things
 *   than numbers; TOO_LARGE if it has more than 16,384 columns, or what is left of it more than 64 MiB
 */
export async function filterCsv(
  bytes: Uint8Array,
  config: ColumnConfig,
  strict: boolean,
  work: Work,
): Promise<FilteredTable> {
  const columns = await aggregate(bytes, config, strict, work)
  const results = new Map<Column, number | null>()
  for (const column of columns) results.set(column, await resultOf(column, work))
  const aggregated = columns.filter(({ aggregator }) => aggregator !== null)
  return {
    text: await write(bytes, columns, results, work),
    aggregations: Object.fromEntries(
      aggregated.map((column) => [column.name, { [operationOf(column, config)]: results.get(column) ?? null }]),
    ),
    shown: columns.filter(({ aggregator }) => aggregator === null).map(({ name }) => name),
    aggregated: aggregated.map(({ title }) => title),
  }
}

/** The columns that are shown; those of them that are aggregated have seen all their cells. */
async function aggregate(
  bytes: Uint8Array,
  config: ColumnConfig,
  strict: boolean,
  work: Work,
): Promise<readonly Column[]> {
  let columns: readonly Column[] | undefined
  let aggregated: readonly Column[] = []
  for await (const rows of readRows(bytes, work.pause)) {
    let from = 0
    if (columns === undefined && rows[0] !== undefined) {
      columns = columnsOf(rows[0], config, strict)
      aggregated = columns.filter(({ aggregator }) => aggregator !== null)
      from = 1
      if (aggregated.length === 0) return columns
    }
    for (const some of inBatches(rows, from, aggregated.length)) {
      for (const row of some) add(row, aggregated)
      await work.pause()
    }
  }
  return columns ?? columnsOf([], config, strict)
}

function add(row: Row, columns: readonly Column[]): void {
  for (const { aggregator, index } of columns) {
    const cell = row[index]
    // They are in their order.
    if (cell === undefined) return
    aggregator?.add(cell)
  }
}

async function write(
  bytes: Uint8Array,
  columns: readonly Column[],
  results: ReadonlyMap<Column, number | null>,
  work: Work,
): Promise<string> {
  const newline = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('\r\n') ? '\r\n' : '\n'
  const titles = columns.map(({ title }) => title)
  const shown = (row: Row) =>
    columns.map((one) => (one.aggregator ? (results.get(one) ?? null) : (row[one.index] ?? '')))
  const parts: string[] = []
  let size = 0
  let from = 1
  const push = async (cells: readonly (readonly (string | number | null)[])[]): Promise<void> => {
    const part = stringify([...cells], { record_delimiter: newline })
    size += Buffer.byteLength(part)
    if (size > MAX_OUTPUT_BYTES) {
      throw new NexusError(
        'TOO_LARGE',
        `What is shown of a table has at most ${MAX_OUTPUT_BYTES} bytes; it would be more.`,
      )
    }
    parts.push(part)
    if (size > LARGE_BYTES) await work.enterLarge()
    await work.pause()
  }
  if (columns.length > 0) await push([titles])
  // Also where nothing is shown: what comes later may not be a table.
  for await (const rows of readRows(bytes, work.pause)) {
    for (const some of columns.length > 0 ? inBatches(rows, from, columns.length) : []) await push(some.map(shown))
    if (rows.length > 0) from = 0
  }
  return parts.join('')
}

function* inBatches(rows: readonly Row[], from: number, columns: number): Generator<readonly Row[]> {
  const size = Math.max(1, Math.floor(CELLS / columns))
  for (let at = from; at < rows.length; at += size) yield rows.slice(at, at + size)
}

function columnsOf(header: readonly string[], config: ColumnConfig, strict: boolean): readonly Column[] {
  if (header.length > MAX_COLUMNS) {
    throw new NexusError(
      'TOO_LARGE',
      `A table with a view has at most ${MAX_COLUMNS} columns; this one has ${header.length}.`,
    )
  }
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

async function resultOf({ aggregator, name, title }: Column, work: Work): Promise<number | null> {
  if (aggregator === null) return null
  if (aggregator.notNumber !== null) {
    throw new NexusError('INVALID_PARAMS', `there is no ${title}: the column '${name}' has cells that are not numbers`)
  }
  return await aggregator.result(work.pause)
}

function operationOf({ name }: Column, config: ColumnConfig): string {
  const [, how = ''] = Object.entries(config.aggregations ?? {}).find(([one]) => keyOf(one) === keyOf(name)) ?? []
  return how
}
