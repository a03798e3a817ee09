import type { Figure } from '../part.ts'
import { type Goal, type Scored, scoreOne } from '../report/goal.ts'

const GOALS: readonly Goal[] = [
  { key: 'write_single_vs_empty', measure: 'durable single writes over empty calls', atLeast: 0.6 },
  { key: 'write_single_vs_empty_large', measure: 'the same with 1,000,000 relationships', atLeast: 0.6 },
  { key: 'write_bulk_vs_raw_sqlite', measure: 'writes of 100 over bare inserts, SQLite', atLeast: 0.7 },
  { key: 'write_bulk_vs_raw_postgres', measure: 'writes of 100 over bare inserts, PostgreSQL', atLeast: 0.5 },
  { key: 'read_postgres_vs_sqlite', measure: 'checks on PostgreSQL over SQLite', atLeast: 0.9 },
  { key: 'write_growth', measure: 'cost of a write, 1,000,000 over 10,000', atMost: 1.3 },
  { key: 'event_loop_p99_ms', measure: 'event-loop delay under mixed load, ms', atMost: 20 },
]

/** Those goals whose figures were measured. */
export function score(figures: Readonly<Record<string, Figure>>): readonly Scored[] {
  return GOALS.flatMap((goal) => {
    const value = figures[goal.key]
    return typeof value === 'number' ? [scoreOne(goal, value)] : []
  })
}
