import type { Figure } from '../part.ts'
import { type Goal, type Scored, scoreOne } from '../report/goal.ts'

const GOALS: readonly Goal[] = [
  { key: 'read_vs_static', measure: 'read of 1 KiB over a static answer', atLeast: 0.5 },
  { key: 'list_vs_static', measure: 'list of 100 entries over a static answer', atLeast: 0.5 },
  { key: 'exists_vs_static', measure: 'exists over a static answer', atLeast: 0.5 },
  { key: 'skills_list_vs_static', measure: 'skills_list of 20 over a static answer', atLeast: 0.5 },
  { key: 'download_vs_static', measure: '1 GiB over express.static', atLeast: 0.8 },
  { key: 'waves_vs_static', measure: 'time of the waves over static answers', atMost: 3 },
  { key: 'growth.list_page', measure: 'page of a directory, 1,000,000 over 10,000', atMost: 3 },
  { key: 'growth.tree_page', measure: 'page of a whole tree, 1,000,000 over 10,000', atMost: 3 },
  { key: 'growth.rename', measure: 'rename of a tree, 1,000,000 over 10,000', atMost: 3 },
]

/** Those goals whose figures were measured. */
export function score(figures: Readonly<Record<string, Figure>>): readonly Scored[] {
  return GOALS.flatMap((goal) => {
    const value = goal.key
      .split('.')
      .reduce<Figure | undefined>((found, name) => (typeof found === 'object' ? found[name] : undefined), figures)
    return typeof value === 'number' ? [scoreOne(goal, value)] : []
  })
}
