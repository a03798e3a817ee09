import { createHash } from 'node:crypto'
import type { Cell, CellRow } from './table.ts'

/** Counts rows and digests them in an order and a form that do not depend on the engine. */
export class RowDigest {
  readonly #hash = createHash('sha256')
  #rows = 0

  add(rows: readonly CellRow[]): void {
    for (const row of rows) {
      for (const cell of row) this.#addCell(cell)
      this.#hash.update('\n')
    }
    this.#rows += rows.length
  }

  get rows(): number {
    return this.#rows
  }

  /** In hex; nothing can be added any more. */
  finish(): string {
    return this.#hash.digest('hex')
  }

  /** With its kind and length, so that no two different rows are the same bytes. */
  #addCell(cell: Cell): void {
    if (cell === null) this.#hash.update('n')
    else if (typeof cell === 'bigint') this.#hash.update(`i${cell};`)
    else if (typeof cell === 'string') this.#hash.update(`t${Buffer.byteLength(cell)}:`).update(cell, 'utf8')
    else this.#hash.update(`b${cell.byteLength}:`).update(cell)
  }
}
