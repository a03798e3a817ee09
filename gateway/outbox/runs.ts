import type { OutboxEntry } from './entry.ts'

/** As many as a group of writes of the permission service takes. */
const LONGEST = 32

/**
 * Cuts entries into runs whose members may be applied at the same time. What is made commutes with what else is made,
 * so a flood of new files shares the commits of the permission service; everything else has to wait for what was before
 * it, and keeps waiting what comes after it.
 */
export function inRuns(entries: readonly OutboxEntry[]): readonly (readonly OutboxEntry[])[] {
  const runs: OutboxEntry[][] = []
  let open: OutboxEntry[] | undefined
  for (const entry of entries) {
    const commutes = entry.changes.every(({ kind }) => kind === 'own')
    if (commutes && open !== undefined && open.length < LONGEST) open.push(entry)
    else {
      const run = [entry]
      runs.push(run)
      open = commutes ? run : undefined
    }
  }
  return runs
}
