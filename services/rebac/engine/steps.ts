/**
 * Work that can be interrupted: whoever drives it decides after each step, which takes some microseconds, when it goes
 * on. The graph must not change in between.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** How many relationships one step looks at. */
export const EDGES_PER_STEP = 256

/** Does all of it at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
