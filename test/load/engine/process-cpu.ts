const METRIC = 'process_cpu_seconds_total'

/**
 * The processor time that a process has used since its start, all threads together, by its own metrics.
 * @param url of its /metrics
 * @returns microseconds
 */
export async function processCpuMicros(url: string): Promise<number> {
  const text = await (await fetch(url)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${METRIC}{`))
  const seconds = Number(line?.slice(line.lastIndexOf(' ')))
  if (!Number.isFinite(seconds)) throw new Error(`${url} does not have ${METRIC}`)
  return seconds * 1_000_000
}
