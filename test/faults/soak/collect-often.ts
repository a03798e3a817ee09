import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const EVERY_MS = 10_000

/**
 * Collects all garbage every few seconds. Left to itself, Node does that minutes apart when there is memory enough, and
 * a line through such a saw says nothing: what is to level off is what is kept, not what waits to be collected.
 */
export function collectOften(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setInterval(collect, EVERY_MS).unref()
}
