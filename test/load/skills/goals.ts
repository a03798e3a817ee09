import type { Figure } from '../part.ts'
import { type Goal, type Scored, scoreOne } from '../report/goal.ts'

const GOALS: readonly Goal[] = [
  { key: 'skills_vs_static', measure: 'lists of 200 of 10,000 skills over constant answers', atLeast: 0.5 },
  { key: 'unreadable_growth', measure: 'time of a list, 10,000 skills over 200', atMost: 1.2 },
]

/** Those goals whose figures were measured. */
export function score(figures: Readonly<Record<string, Figure>>): readonly Scored[] {
  return GOALS.flatMap((goal) => {
    const value = figures[goal.key]
    return typeof value === 'number' ? [scoreOne(goal, value)] : []
  })
}
