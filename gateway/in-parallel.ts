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

/** Contents that the tasks of one call may hold at once, in bytes. */
const HELD_BYTES = 67_108_864

/** As inParallel, for tasks that hold contents in memory: so many at once as hold at most 64 MiB, or one that holds more. */
export async function inParallelBySize<T>(
  tasks: readonly { readonly bytes: number; readonly run: () => Promise<T> }[],
): Promise<readonly T[]> {
  const results: T[] = []
  let batch: (() => Promise<T>)[] = []
  let held = 0
  for (const { bytes, run } of tasks) {
    if (held + bytes > HELD_BYTES) {
      for (const result of await inParallel(batch)) results.push(result)
      batch = []
      held = 0
    }
    batch.push(run)
    held += bytes
  }
  for (const result of await inParallel(batch)) results.push(result)
  return results
}
