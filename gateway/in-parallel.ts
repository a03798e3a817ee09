/** Enough to fill groups of writes and checks, few enough to leave room for other callers. */
const LIMIT = 32

/** Runs tasks, a few at a time, and answers their results in order. The first failure ends it. */
export async function inParallel<T>(tasks: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = []
  const rest = tasks.entries()
  let failed = false
  const work = async (): Promise<void> => {
    // The iterator is shared: each worker takes the next task.
    for (const [index, task] of rest) {
      if (failed) return
      results[index] = await task()
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(LIMIT, tasks.length) }, work))
  } catch (error) {
    failed = true
    throw error
  }
  return results
}
