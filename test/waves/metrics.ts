/** Writes since the start of a process, by "database command". */
export type WriteCounts = ReadonlyMap<string, number>

const METRIC = 'nexus_database_writes_total'

/** The batch of the times at which keys were used last. */
export const LAST_USE = 'gateway noteKeysUsed'

/** Writes that reading causes, gathered and written in the background: times of last use, and the audit trail. */
const BATCHED = new Set([LAST_USE, 'gateway appendAudit'])

/** Reads the write counters from Prometheus text. */
export function parseWriteCounts(text: string): WriteCounts {
  const counts = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${METRIC}{`)) continue
    const database = /database="([^"]*)"/.exec(line)?.[1] ?? '?'
    const command = /command="([^"]*)"/.exec(line)?.[1] ?? '?'
    counts.set(`${database} ${command}`, Number(line.slice(line.lastIndexOf(' '))))
  }
  return counts
}

export async function scrape(urls: readonly string[]): Promise<WriteCounts> {
  const texts = await Promise.all(urls.map(async (url) => (await fetch(url)).text()))
  return new Map(texts.flatMap((text) => [...parseWriteCounts(text)]))
}

/** What was counted in between, without what stayed the same. */
export function countDifference(before: WriteCounts, after: WriteCounts): Map<string, number> {
  const pairs = [...after].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
  return new Map(pairs.filter(([, count]) => count !== 0))
}

/** The writes that reading must not cause, in words. */
export function forbiddenWrites(difference: ReadonlyMap<string, number>): string[] {
  return [...difference]
    .filter(([name]) => !BATCHED.has(name))
    .map(([name, count]) => `counters: the waves caused ${count} writes of "${name}"`)
}
