/** Removes all garbage; what this process holds after it, in bytes. Buffers are a part of `external`. */
export function settledMemory(): number {
  if (globalThis.gc === undefined) throw new Error('the process was not started with --expose-gc')
  // What a collection frees outside of the heap is only counted by the next one.
  for (let turn = 0; turn < 3; turn++) globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
