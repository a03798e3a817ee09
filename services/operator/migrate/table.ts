import { NexusError } from '../../common/errors/nexus-error.ts'

/** The three column types that both engines have; see services/common/sql/ddl.ts. */
export type Kind = 'text' | 'integer' | 'bytes'

export interface Column {
  readonly name: string
  readonly kind: Kind
}

export interface Table {
  readonly name: string
  /** By name. */
  readonly columns: readonly Column[]
  /** Columns by which rows are unique: their order is the same on both engines, because text is compared by bytes. */
  readonly key: readonly string[]
}

/** Integers are exact. */
export type Cell = string | bigint | Uint8Array | null

/** In the order of the table's columns. */
export type CellRow = readonly Cell[]

/** Not copied: each database has its own record of how it was made. */
export const HISTORY_TABLE = 'schema_migrations'
/** Not copied: indexes of what is, which the gateway makes again. With # before a character that means itself. */
export const DERIVED_TABLES = 'search#_%'

/** @throws NexusError INTERNAL for a type that the other engine may not have */
export function kindOf(engineType: string, kinds: Readonly<Record<string, Kind>>, where: string): Kind {
  const kind = kinds[engineType.toLowerCase()]
  if (kind !== undefined) return kind
  throw new NexusError('INTERNAL', `${where} has the type ${engineType}, which cannot be moved to another engine.`)
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}

/** The statement that reads a table in the order of its key. */
export function selectInOrder(table: Table): string {
  return `select ${quoted(table.columns.map(({ name }) => name))} from "${table.name}" order by ${quoted(table.key)}`
}
