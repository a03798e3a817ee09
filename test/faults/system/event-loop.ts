import type { Member } from './cluster.ts'

/** monitorEventLoopDelay counts the time between two ticks of its timer, which is this much when nothing is late. */
const TIMER_MS = 10
const METRIC = 'nodejs_eventloop_lag_p99_seconds'

/** How late the event loop of a process was since this was asked last, 99 times of 100, in milliseconds. */
export async function eventLoopP99({ metricsUrl, name }: Member): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${METRIC}{`))
  if (line === undefined) throw new Error(`${name} does not tell ${METRIC}`)
  return Math.max(0, Number(line.slice(line.lastIndexOf(' '))) * 1_000 - TIMER_MS)
}
