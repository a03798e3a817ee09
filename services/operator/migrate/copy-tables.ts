import { NexusError } from '../../common/errors/nexus-error.ts'
import { count, type Progress } from '../progress.ts'
import { RowDigest } from './row-digest.ts'
import type { Source, Target } from './side.ts'
import type { Table } from './table.ts'

/** A table that is the same on both sides. */
export interface CopiedTable {
  readonly name: string
  readonly rows: number
  /** SHA-256 of all rows in the order of their key, in hex; the same on both engines. */
  readonly digest: string
}

/**
 * Copies every row, and reads back what arrived.
 * @throws NexusError INTERNAL if the two sides differ in what they are or in what they hold
 */
export async function copyTables(source: Source, target: Target, progress: Progress): Promise<readonly CopiedTable[]> {
  if (shapeOf(source.tables) !== shapeOf(target.tables)) {
    throw new NexusError('INTERNAL', `${source.where} and ${target.where} have different tables; nothing was moved.`)
  }
  const copied: CopiedTable[] = []
  for (const table of source.tables) {
    progress.step(`${table.name}: copying rows`)
    const sent = new RowDigest()
    for await (const rows of source.rows(table)) {
      sent.add(rows)
      await target.insert(table, rows)
      progress.at(sent.rows)
    }
    const arrived = new RowDigest()
    for await (const rows of target.rows(table)) {
      arrived.add(rows)
      progress.at(arrived.rows, sent.rows)
    }
    const digest = sent.finish()
    if (arrived.rows !== sent.rows || arrived.finish() !== digest) {
      const message = `${table.name} arrived in ${target.where} with other rows than it has in ${source.where}; nothing was moved.`
      throw new NexusError('INTERNAL', message)
    }
    progress.note(`${table.name}: ${count(sent.rows)} rows, sha256 ${digest.slice(0, 16)}, the same on both sides`)
    copied.push({ name: table.name, rows: sent.rows, digest })
  }
  return copied
}

/** Names and kinds; the key may be another one. */
function shapeOf(tables: readonly Table[]): string {
  return JSON.stringify(tables.map(({ name, columns }) => ({ name, columns })))
}
