/** What was run, in numbers; skipped things are named. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
}

export function sum(tallies: readonly Tally[]): Tally {
  return {
    passed: tallies.reduce((total, tally) => total + tally.passed, 0),
    failed: tallies.reduce((total, tally) => total + tally.failed, 0),
    skipped: tallies.flatMap((tally) => tally.skipped),
  }
}
