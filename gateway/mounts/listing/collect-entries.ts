import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { BackEnd } from '../back-ends.ts'
import type { BackendEntry } from '../connectors/contract.ts'
import { isUsableKey, keyOfPath } from '../connectors/keys.ts'

/** More than this is not held in memory. */
const MOST_ENTRIES = 2_000_000

export interface Collected {
  /** By their paths below the directory. */
  readonly entries: ReadonlyMap<string, BackendEntry>
  /** Keys that cannot be paths of the tree. */
  readonly unusable: readonly string[]
}

export interface CollectOptions {
  readonly deep: boolean
  /** Called after each page; throws to end it. */
  readonly onPage: (found: number) => Promise<void> | void
}

/** What a back end has in a directory, or below it: complete, or it fails. */
export async function collectEntries(
  { mount, connector }: BackEnd,
  path: string,
  { deep, onPage }: CollectOptions,
): Promise<Collected> {
  const base = keyOfPath(mount.mountPoint, path)
  const entries = new Map<string, BackendEntry>()
  const unusable: string[] = []
  let from: unknown = null
  do {
    const page = await connector.list(base, deep, from)
    unusable.push(...page.unusable)
    for (const entry of page.entries) {
      const below = base === '' ? entry.key : entry.key.slice(base.length + 1)
      if (!isUsableKey(mount.mountPoint, entry.key)) unusable.push(entry.key)
      else if (!isOutdone(entries.get(below), entry)) entries.set(below, entry)
    }
    if (entries.size > MOST_ENTRIES) {
      throw new NexusError(
        'TOO_LARGE',
        `'${path}' has more than ${MOST_ENTRIES} files below it in its back end; take the directories in it one by one.`,
      )
    }
    from = page.next
    await onPage(entries.size)
  } while (from !== null)
  return { entries, unusable }
}

/** The same directory may come with several pages, once as one that exists by itself; a file stands before it. */
function isOutdone(known: BackendEntry | undefined, entry: BackendEntry): boolean {
  if (known === undefined) return false
  return known.kind === 'file' ? entry.kind === 'directory' : entry.kind === 'directory' && entry.implicit
}
