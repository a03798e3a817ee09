/** The two databases of a system under test. */
export interface SystemDatabases {
  readonly kind: 'sqlite' | 'postgres'
  /** Settings for both processes. */
  readonly environment: Record<string, string>
  /** Looks for damage while nothing runs; the problems, in words, and what was looked at. */
  check(): Promise<DatabaseCheck>
  dispose(): Promise<void>
}

export interface DatabaseCheck {
  readonly summary: string
  readonly problems: readonly string[]
}
