/** The two databases of a system under test. */
export interface SystemDatabases {
  readonly kind: 'sqlite' | 'postgres'
  /** Settings for both processes. */
  readonly environment: Record<string, string>
  /** Looks for damage while nothing runs; the problems, in words, and what was looked at. */
  check(): Promise<DatabaseCheck>
  /** The rows of a query, on a connection of its own. */
  query(database: DatabaseName, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  dispose(): Promise<void>
}

export type DatabaseName = 'rebac' | 'gateway'

export interface DatabaseCheck {
  readonly summary: string
  readonly problems: readonly string[]
}
