import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { ReadOptions } from '../../services/common/sql/database.ts'
import type { Script } from '../../services/common/sql/script.ts'
import type { Contents } from '../content/contents.ts'
import type { CallContext } from '../context.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { Incoming } from '../sharing/shares.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { Backing } from './backing.ts'
import type { Quota } from './commands/quota.ts'
import type { Guard } from './guard.ts'
import type { WriteIndexer } from './indexer.ts'
import type { TreePath } from './paths.ts'
import type { Turns } from './turns.ts'

/** What the operations of the file system stand on. */
export interface FileDeps {
  readonly db: GatewayDatabase
  readonly contents: Contents
  readonly outbox: Outbox
  readonly guard: Guard
  readonly incoming: Incoming
  readonly backing: Backing
  readonly indexers: readonly WriteIndexer[]
  readonly appends: Turns
  readonly keptVersions: number
  /** How many bytes of UTF-8 the path of something new may have. */
  readonly maxPathBytes: number
  /** How many components the path of something new may have. */
  readonly maxPathDepth: number
  /** How many bytes a file may have. */
  readonly maxFileBytes: number
  readonly quota: Quota
  /** How much of a file's text is indexed for search, in bytes. */
  readonly searchTextBytes: number
  readonly looks: Looks
}

/** How lists choose between looking at what lies there and asking what the caller may read. */
export interface Looks {
  /** So many are simply asked about one by one. */
  readonly few: number
  /** How much is looked at first. */
  readonly first: number
}

/** Whatever waits until a deadline, and perhaps no longer than its caller. */
type Timed = Pick<CallContext, 'scope' | 'gone'>

interface Seen {
  readonly pendingSeq: number | null
}

/**
 * Runs a query about a path when no unapplied entry closes it.
 * @throws NexusError UNAVAILABLE at the deadline
 */
export async function whenOpen<T extends Seen>(
  deps: FileDeps,
  context: Timed,
  at: TreePath,
  script: (at: TreePath, applied: number) => Script<T>,
): Promise<T> {
  for (;;) {
    const seen = await query(deps, context, at, script)
    if (seen.pendingSeq === null) return seen
    await deps.outbox.passed(at.tree, seen.pendingSeq, context.scope.deadline)
  }
}

/**
 * As whenOpen, but waits only for entries that were there when the request came: under a steady stream of changes a
 * listing of '/' would never find all of its tenant at rest.
 */
export async function whenOpened<T extends Seen>(
  deps: FileDeps,
  context: Timed,
  at: TreePath,
  script: (at: TreePath, applied: number) => Script<T>,
  options: Pick<ReadOptions, 'snapshot' | 'long'> = {},
): Promise<T> {
  const seen = await query(deps, context, at, script, options)
  if (seen.pendingSeq === null) return seen
  await deps.outbox.passed(at.tree, seen.pendingSeq, context.scope.deadline)
  return await query(deps, context, at, script, options)
}

/** @throws NexusError UNAVAILABLE if a request that had to begin again has no time left */
export function checkTime(context: Timed): void {
  if (Date.now() < context.scope.deadline) return
  throw new NexusError('UNAVAILABLE', 'The path kept changing until the deadline of the request; try again.')
}

function query<T>(
  deps: FileDeps,
  context: Timed,
  at: TreePath,
  script: (at: TreePath, applied: number) => Script<T>,
  options: Pick<ReadOptions, 'snapshot' | 'long'> = {},
): Promise<T> {
  const applied = deps.outbox.appliedThrough(at.tree)
  const signal = options.long === true ? context.gone?.() : undefined
  const bounds = { deadline: context.scope.deadline, ...(signal === undefined ? {} : { signal }) }
  return deps.db.read(() => script(at, applied), { ...options, ...bounds })
}
