import type { CellRow, Table } from './table.ts'

/** A database that nobody else writes to while this is open. */
interface Side {
  /** For people: the engine and the place. */
  readonly where: string
  readonly version: number
  readonly tables: readonly Table[]
  /** All rows of a table in the order of its key, some at a time. The key may be the other side's. */
  rows(table: Table): AsyncIterable<readonly CellRow[]>
  close(): Promise<void>
}

/** Where rows come from; nothing is changed there. */
export type Source = Side

/** Where rows go to: nothing of it is there for others before `finish`, and nothing stays if it is closed before. */
export interface Target extends Side {
  insert(table: Table, rows: readonly CellRow[]): Promise<void>
  /** Runs a statement without parameters. */
  run(sql: string): Promise<void>
  finish(): Promise<void>
}

/** Rows of a batch, and how much text ends one earlier, in characters. */
export const BATCH_ROWS = 1_000
export const BATCH_TEXT = 4_000_000
