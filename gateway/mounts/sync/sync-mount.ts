import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { all, type Script } from '../../../services/common/sql/script.ts'
import { globsOf } from '../../files/find.ts'
import { resolvePath, type TreePath } from '../../files/paths.ts'
import { lookup } from '../../files/queries.ts'
import { inParallel } from '../../in-parallel.ts'
import type { BackEnd } from '../back-ends.ts'
import { fetchContent, type FetchDeps } from '../fetch.ts'
import { applyDiff } from '../listing/apply-diff.ts'
import { collectEntries } from '../listing/collect-entries.ts'
import { diffListing, type ListingDiff } from '../listing/diff-listing.ts'
import type { KnownNode } from '../listing/known-nodes.ts'
import { knownDirectory, refresh } from '../listing/refresh.ts'
import type { FileDeps } from '../../files/deps.ts'
import type { SyncResult } from './contract.ts'
import type { SyncRequest } from './sync-job.ts'

/** Sentences of a result. */
const MOST_ERRORS = 100
/** Contents of one run at a time are fetched so many at once. */
const FETCHES = 8

export type SyncDeps = FetchDeps & Pick<FileDeps, 'outbox' | 'quota'>

export interface SyncProgress {
  readonly stage: 'listing' | 'index' | 'contents'
  readonly done: number
  /** null while nobody knows. */
  readonly total: number | null
}

export interface SyncHooks {
  /** Called often; throws to end the run between two steps. */
  readonly check: (progress: SyncProgress) => Promise<void> | void
  /** Larger contents are left where they are, in bytes. */
  readonly largest: number
}

/** Brings what is known of a mount, or of a path in it, to what its back end has. @throws NexusError MOUNT_UNAVAILABLE */
export async function syncMount(
  deps: SyncDeps,
  backEnd: BackEnd,
  request: SyncRequest,
  hooks: SyncHooks,
): Promise<SyncResult> {
  const { mount } = backEnd
  const at = resolvePath(request.path, mount.tenant)
  await hooks.check({ stage: 'listing', done: 0, total: null })
  if (!request.dryRun) await refresh(deps, backEnd, at, 'entry', Number.POSITIVE_INFINITY)
  const found = await deps.db.read(() => lookup(at, deps.outbox.appliedThrough(at.tree)))
  const { node } = found
  if (node === null || found.mountId !== mount.mountId) {
    throw new NexusError('FILE_NOT_FOUND', `File not found: ${at.path}`)
  }
  const counts = counting(at, mount.mountPoint, request)
  const listed =
    node.kind === 'file' ? none : await syncDirectory(deps, backEnd, at, node.node_id, request, counts, hooks)
  const contents =
    request.dryRun || !request.syncContent ? noContents : await syncContents(deps, backEnd, at, request, counts, hooks)
  return { ...listed, ...contents, errors: [...listed.errors, ...contents.errors].slice(0, MOST_ERRORS) }
}

const noContents = { cacheSynced: 0, cacheBytes: 0, cacheSkipped: 0, errors: [] as readonly string[] }
const none = {
  filesScanned: 1,
  filesCreated: 0,
  filesUpdated: 0,
  filesDeleted: 0,
  errors: [] as readonly string[],
}

async function syncDirectory(
  deps: SyncDeps,
  backEnd: BackEnd,
  at: TreePath,
  nodeId: string,
  { recursive, dryRun }: SyncRequest,
  counts: (path: string) => boolean,
  hooks: SyncHooks,
): Promise<typeof none> {
  const { mount } = backEnd
  const read = () => knownDirectory(at, mount.mountId, nodeId, recursive)
  const { known, mountPoints } = await deps.db.read(read, { long: true })
  const { entries, unusable } = await collectEntries(backEnd, at.path, {
    deep: recursive,
    onPage: (found) => hooks.check({ stage: 'listing', done: found, total: null }),
  })
  const directory = { path: at.path, nodeId }
  const diff = diffListing({ mountId: mount.mountId, directory, known, entries, mountPoints, counts, now: Date.now() })
  const total = diff.gone.length + diff.changed.length + diff.created.reduce((sum, level) => sum + level.length, 0)
  const onBatch = (done: number) => hooks.check({ stage: 'index', done, total })
  const made = dryRun ? null : await applyDiff(deps, backEnd, diff, { onBatch })
  const counted = ({ nodeId }: { readonly nodeId: string }): boolean => made === null || made.has(nodeId)
  const files = [...entries].filter(([path, { kind }]) => kind === 'file' && counts(`${at.path}/${path}`))
  return {
    filesScanned: files.length,
    filesCreated: diff.created.flat().filter((node) => node.kind === 'file' && counted(node)).length,
    filesUpdated: diff.changed.filter(counted).length,
    filesDeleted: filesGone(at.path, diff.gone.filter(counted), known),
    errors: unusable.slice(0, MOST_ERRORS).map((key) => `${JSON.stringify(key)} cannot be a path and is not shown.`),
  }
}

function filesGone(base: string, gone: ListingDiff['gone'], known: readonly KnownNode[]): number {
  const roots = new Set(gone.map(({ path }) => path.slice(base.length + 1)))
  const isGone = ({ path }: KnownNode): boolean => {
    for (let end = path.length; end !== -1; end = path.lastIndexOf('/', end - 1)) {
      if (roots.has(path.slice(0, end))) return true
      if (end === 0) break
    }
    return false
  }
  return known.filter((node) => node.kind === 'file' && isGone(node)).length
}

interface Unfetched {
  readonly path: string
  readonly node_id: string
  readonly mount_token: string | null
  readonly size: number
}

async function syncContents(
  deps: SyncDeps,
  backEnd: BackEnd,
  at: TreePath,
  { recursive }: SyncRequest,
  counts: (path: string) => boolean,
  hooks: SyncHooks,
): Promise<typeof noContents> {
  const { mount } = backEnd
  const open = await deps.db.read(() => unfetched(at, mount.mountId), { long: true })
  const inReach = ({ path }: Unfetched): boolean => recursive || !path.slice(at.path.length + 1).includes('/')
  const wanted = open.filter((file) => counts(file.path) && inReach(file))
  const small = wanted.filter(({ size }) => size <= hooks.largest)
  const errors: string[] = []
  let done = 0
  let cacheSynced = 0
  let cacheBytes = 0
  for (let start = 0; start < small.length; start += FETCHES) {
    await hooks.check({ stage: 'contents', done, total: small.length })
    const fetches = small.slice(start, start + FETCHES).map((file) => async () => {
      try {
        const fetched = await fetchContent(deps, backEnd, { ...at, path: file.path }, file)
        cacheBytes += fetched
        cacheSynced++
      } catch (error) {
        // A back end that is down is no matter of one file.
        if (!(error instanceof NexusError) || error.reason === 'MOUNT_UNAVAILABLE') throw error
        if (errors.length < MOST_ERRORS) errors.push(error.message)
      }
      done++
    })
    await inParallel(fetches)
  }
  return { cacheSynced, cacheBytes, cacheSkipped: wanted.length - small.length, errors }
}

const TREE = (start: string): string => `with recursive tree (path, node_id, kind, content_hash, mount_token, size) as (
  select $2 || '', n.node_id, n.kind, n.content_hash, n.mount_token, n.size from nodes n
  where n.tenant = $1 and n.node_id = ${start} and n.mount_id = $4
  union all
  select t.path || '/' || n.name, n.node_id, n.kind, n.content_hash, n.mount_token, n.size from tree t
  cross join nodes n where n.tenant = $1 and n.parent_id = t.node_id and n.mount_id = $4 and t.kind = 'directory')
select path, node_id, mount_token, size from tree where kind = 'file' and content_hash is null order by path`

/** Files of a mount, at a path and below it, whose contents are not in the content store. */
function* unfetched(at: TreePath, mountId: string): Script<readonly Unfetched[]> {
  const { node } = yield* lookup(at, Number.MAX_SAFE_INTEGER)
  if (node === null) return []
  return yield* all<Unfetched>(
    { sqlite: TREE('$3'), postgres: TREE('$3').replace("$2 || ''", '$2::text collate "C"') },
    at.tree,
    at.path,
    node.node_id,
    mountId,
  )
}

/** Which files take part. Patterns are about paths below the mount point; one without a slash is about names. */
function counting(
  at: TreePath,
  mountPoint: string,
  { includePatterns, excludePatterns }: SyncRequest,
): (path: string) => boolean {
  const base = resolvePath(mountPoint, at.tree).components
  const parse = (patterns: readonly string[]) =>
    patterns.flatMap((pattern) => globsOf(pattern.includes('/') ? pattern : `**/${pattern}`, base))
  const included = includePatterns === null ? null : parse(includePatterns)
  const excluded = parse(excludePatterns)
  return (path) => {
    const below = path.slice(1).split('/').slice(base.length)
    const matches = (globs: typeof excluded): boolean => globs.some((glob) => glob.matches(below))
    return (included === null || matches(included)) && !matches(excluded)
  }
}

/** Whether patterns can be understood. @throws NexusError INVALID_PARAMS */
export function checkPatterns(mountPoint: TreePath, request: SyncRequest): void {
  counting(mountPoint, mountPoint.path, request)
}
