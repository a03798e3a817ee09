import type { Figure } from '../part.ts'
import { type Goal, type Scored, scoreOne } from '../report/goal.ts'

export const GOALS: readonly Goal[] = [
  { key: 'check_unary_vs_empty', measure: 'unary Check over an empty call', atLeast: 0.9 },
  { key: 'check_stream_vs_empty', measure: 'CheckStream over an empty call', atLeast: 4 },
  { key: 'check_batch_vs_empty', measure: 'CheckStream, 16 a message, over an empty call', atLeast: 16 },
  { key: 'engine_direct_hot_per_s', measure: 'direct checks a second, 1,000 pairs', atLeast: 2_000_000 },
  { key: 'engine_direct_random_per_s', measure: 'direct checks a second, anywhere', atLeast: 700_000 },
  { key: 'engine_deep_per_s', measure: 'deep checks a second', atLeast: 600_000 },
  { key: 'engine_growth_deep', measure: 'deep checks, 1,000,000 over 10,000', atMost: 1.6 },
  { key: 'engine_growth_hot', measure: 'direct checks, 1,000,000 over 10,000', atMost: 2.2 },
  { key: 'bytes_per_tuple', measure: 'memory per relationship, bytes', atMost: 180 },
  { key: 'load_vs_scan', measure: 'loading a tenant over a bare scan', atMost: 2.5 },
  { key: 'list_vs_checks', measure: 'a list over checks in bulk, times faster', atLeast: 20 },
]

/** Those goals whose figures were measured, those of the shapes included. */
export function score(figures: Readonly<Record<string, Figure>>): readonly Scored[] {
  const scored = GOALS.flatMap((goal) => {
    const value = figures[goal.key]
    return typeof value === 'number' ? [scoreOne(goal, value)] : []
  })
  return [...scored, ...scoreShapes(figures['shapes'])]
}

/** No shape may make a check slower than it is larger. */
function scoreShapes(shapes: Figure | undefined): readonly Scored[] {
  if (typeof shapes !== 'object') return []
  return Object.entries(shapes).flatMap(([name, shape]) => {
    if (typeof shape !== 'object') return []
    const { micros, micros_at_tenth: atTenth, growth, size_growth: atMost, size } = shape
    if (typeof growth !== 'number' || typeof atMost !== 'number' || typeof size !== 'number') return []
    const measure = `of time, ${size / atMost} to ${size}: ${micro(atTenth)} to ${micro(micros)} us`
    return [scoreOne({ key: `shapes.${name}`, measure, atMost }, growth)]
  })
}

function micro(value: Figure | undefined): string {
  return String(Number(Number(value).toPrecision(3)))
}
