/** What a relationship takes in memory if nothing was measured yet, in bytes. */
const ASSUMED_BYTES = 180
/** From this many relationships on, what they take on average says something. */
const ENOUGH_TO_MEASURE = 10_000

interface Measured {
  readonly size: number
  memoryBytes(): number
}

/** How many relationships fit into a budget, by what those take that are in memory already. */
export function fittingRelationships(budgetBytes: number, graphs: Iterable<Measured>): number {
  let bytes = 0
  let count = 0
  for (const graph of graphs) {
    bytes += graph.memoryBytes()
    count += graph.size
  }
  return Math.floor(budgetBytes / (count < ENOUGH_TO_MEASURE ? ASSUMED_BYTES : bytes / count))
}
