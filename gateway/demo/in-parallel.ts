/** Enough to fill groups of writes, few enough to leave room for callers. */
const LIMIT = 32

/** Runs tasks, a few at a time, and answers their results in order. The first failure ends it. */
export async function inParallel<T>(tasks: readonly (() => Promise<T>)[]): Promise<readonly T[]> {
  const results: T[] = []
  const rest = tasks.entries()
  const work = async (): Promise<void> => {
    // The iterator is shared: each worker takes the next task.
    for (const [index, task] of rest) results[index] = await task()
  }
  await Promise.all(Array.from({ length: LIMIT }, work))
  return results
}
