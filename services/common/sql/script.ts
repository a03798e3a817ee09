import type { NexusError } from '../errors/nexus-error.ts'
import type { Dialect } from './dialect.ts'

/** What a statement may be given. JSON goes in as text. */
export type SqlValue = string | number | Uint8Array | null

/** One SQL statement with parameters $1, $2, ... that both engines understand, or one text for each engine. */
export interface Statement {
  readonly text: string | Readonly<Record<Dialect, string>>
  readonly values: readonly SqlValue[]
  /** Its rows do not matter to the script, which may go on before it is done; if it fails, so does the whole script. */
  readonly rowless?: true
}

/** Statements that do not depend on each other's rows, run in their order: one round trip where round trips cost. */
export interface Batch {
  readonly batch: readonly Statement[]
}

/** Columns by name. Integers arrive as numbers, text as strings, bytes as Uint8Array. */
export type Row = Readonly<Record<string, SqlValue>>

/**
 * A transaction written once for both engines: it yields statements and is resumed with their rows. A driver runs it,
 * synchronously on SQLite (in the writer's thread) and asynchronously on PostgreSQL.
 * A script must not do anything but compute: it may be run again from its start after a lost connection.
 */
export type Script<T> = Generator<Statement | Batch, T, readonly Row[] | readonly (readonly Row[])[]>

/** Runs a statement for its rows. The columns of `R` are the caller's word. */
export function* all<R>(text: Statement['text'], ...values: SqlValue[]): Script<readonly R[]> {
  return (yield { text, values }) as readonly R[]
}

/** Runs a statement for its first row. */
export function* first<R>(text: Statement['text'], ...values: SqlValue[]): Script<R | undefined> {
  const rows = yield { text, values }
  return rows[0] as R | undefined
}

/** Runs a statement whose rows do not matter. */
export function* run(text: Statement['text'], ...values: SqlValue[]): Script<void> {
  yield { text, values, rowless: true }
}

/** Runs statements for the rows of each. */
export function* atOnce(batch: readonly Statement[]): Script<readonly (readonly Row[])[]> {
  return (yield { batch }) as readonly (readonly Row[])[]
}

/** What became of one of several writes that ran as one. */
export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: NexusError }

/** A transaction, and perhaps the way to run several of them as one script, which costs fewer statements. */
export interface Command<A = never, R = unknown> {
  (argument: A): Script<R>
  /**
   * One outcome for each argument, in their order, as if they had run one after the other. If it throws, nothing may be
   * kept of it, and they do run one after the other.
   */
  readonly together?: (argumentsInOrder: readonly A[]) => Script<readonly Settled<R>[]>
  /** Whether this one may run together with others. */
  readonly joins?: (argument: A) => boolean
}

/** The transactions that one database offers to its process, by name. Arguments and results must be cloneable. */
export type CommandSet = Readonly<Record<string, Command>>

export type CommandArgument<C extends CommandSet, N extends keyof C> = Parameters<C[N]>[0]
export type CommandResult<C extends CommandSet, N extends keyof C> = C[N] extends (argument: never) => Script<infer T>
  ? T
  : never
