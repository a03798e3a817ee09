/** What one figure of a benchmark should reach. */
export interface Goal {
  readonly key: string
  readonly measure: string
  readonly atLeast?: number
  readonly atMost?: number
}

/** A figure beside its goal. `headroom` is how many times the goal was reached: 1 is just so, less is missed. */
export interface Scored {
  readonly goal: Goal
  readonly value: number
  readonly headroom: number
}

export function scoreOne(goal: Goal, value: number): Scored {
  return {
    goal,
    value,
    headroom: goal.atLeast === undefined ? (goal.atMost ?? Number.NaN) / value : value / goal.atLeast,
  }
}
