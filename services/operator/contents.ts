import { createHash } from 'node:crypto'
import type BetterSqlite3 from 'better-sqlite3'
import type { ContentStore } from '../../gateway/content/contract.ts'
import type { Progress } from './progress.ts'

/** Contents that are read and written at a time: each waits for a disk. */
const AT_ONCE = 8

export interface ContentTotals {
  readonly count: number
  readonly bytes: number
}

/** What the files of a gateway's database, their versions and the snapshots of them consist of. */
export function referencedContents(gateway: BetterSqlite3.Database): readonly string[] {
  const hashes = `select content_hash from nodes where content_hash is not null
  union select content_hash from versions
  union select content_hash from snapshot_files where content_hash is not null order by 1`
  return gateway.prepare(hashes).pluck().all() as string[]
}

/**
 * Reads contents, checks each against its name, and hands it on.
 * @throws what `lost` makes of the contents that are missing or are not what their names say
 */
export async function readContents(
  hashes: readonly string[],
  store: ContentStore,
  progress: Progress,
  use: (hash: string, bytes: Uint8Array) => Promise<void>,
  lost: (hashes: readonly string[]) => Error,
): Promise<ContentTotals> {
  const bad: string[] = []
  let bytesRead = 0
  let done = 0
  const waiting = hashes.values()
  const work = async (): Promise<void> => {
    // The iterator is shared: each worker takes what comes next.
    for (const hash of waiting) {
      const bytes = await store.get(hash)
      if (bytes === null || createHash('sha256').update(bytes).digest('hex') !== hash) bad.push(hash)
      else {
        await use(hash, bytes)
        bytesRead += bytes.byteLength
      }
      progress.at(++done, hashes.length)
    }
  }
  // All have ended before the first failure is told: whoever cleans up then is alone.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  if (bad.length > 0) throw lost(bad.toSorted())
  return { count: hashes.length, bytes: bytesRead }
}

/** For a message: the first few of many. */
export function someOf(hashes: readonly string[]): string {
  return hashes.length <= 3 ? hashes.join(', ') : `${hashes.slice(0, 3).join(', ')} and ${hashes.length - 3} more`
}
