import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { inParallel } from '../in-parallel.ts'
import { afterBackEnd, afterWaiting, type OpenMount } from './backing.ts'
import type { FileEntry, NewFile } from './contract.ts'
import { checkTime, type FileDeps, whenOpen } from './deps.ts'
import { entryOf } from './nodes.ts'
import { resolveFilePath, type TreePath } from './paths.ts'
import { type Lookup, lookup } from './queries.ts'
import { decideWrite, newContent, PreparedContent, putInto, requireRoom, writeRequest } from './write.ts'

/** Creates or replaces files of one tree: all, or none. Each needs what write needs for it. */
export async function writeBatch(
  deps: FileDeps,
  context: CallContext,
  files: readonly NewFile[],
): Promise<readonly FileEntry[]> {
  const items = files.map(({ path, content }) => {
    const at = resolveFilePath(path, context.caller.tenant)
    return { at, prepared: new PreparedContent(newContent(deps, context, content), at.path) }
  })
  const tree = treeOf(items.map(({ at }) => at))
  if (tree === null) return []
  const { deadline } = context.scope
  for (;;) {
    const decided = await decideAll(deps, context, items)
    const mountId = mountOf(decided)
    const write = async (now: CallContext, prepared: typeof decided, mount: OpenMount | null) => {
      const writes = await inParallel(
        prepared.map((item) => async () => ({ request: await writeRequest(deps, now, item), found: item.found })),
      )
      if (mount !== null) await requireRoom(deps, tree, writes)
      const requests = await inParallel(
        writes.map(({ request, found }) => async () => {
          return mount === null ? request : { ...request, mounted: await putInto(mount, now, request, found) }
        }),
      )
      return await deps.db.write('writeFiles', requests, { group: tree, deadline: afterBackEnd(now, mount).deadline })
    }
    const made =
      mountId === null
        ? await write(context, decided, null)
        : await deps.backing.exclusively(
            context,
            decided.map(({ at }) => at),
            mountId,
            async (mount) => {
              for (const { at } of decided) await mount.refresh(context, at, 'entry')
              const now = afterWaiting(context)
              return await write(now, await decideAll(deps, now, items), mount)
            },
          )
    if (made.outcome === 'done') {
      const receipts = made.written.flatMap(({ receipt }) => (receipt === null ? [] : [receipt]))
      const enough = Math.max(deadline, Date.now() + 1_000)
      await Promise.all(receipts.map((receipt) => deps.outbox.committed(receipt, enough)))
      return made.written.map(({ node }, index) => entryOf(items[index]?.at.path ?? '', node))
    }
    if (made.outcome === 'pending') await deps.outbox.passed(tree, made.seq, deadline)
    if (made.outcome === 'uncollected') for (const { prepared } of items) prepared.forget()
    checkTime(context)
  }
}

interface Item {
  readonly at: TreePath
  readonly prepared: PreparedContent
}

function decideAll(deps: FileDeps, context: CallContext, items: readonly Item[]) {
  return inParallel(
    items.map((item) => async () => {
      const found = await whenOpen(deps, context, item.at, lookup)
      return { ...item, found, decision: await decideWrite(deps, context, item.at, found), options: {} }
    }),
  )
}

/** The one mount of all paths; null if none lies in a mount. */
function mountOf(decided: readonly { readonly found: Lookup }[]): string | null {
  const mounts = new Set(decided.map(({ found }) => found.mountId))
  if (mounts.size > 1) {
    throw new NexusError('INVALID_PARAMS', 'the paths of a batch must lie in one mount, or all of them in none')
  }
  return decided[0]?.found.mountId ?? null
}

/** The one tree of all paths; null if there are none. */
function treeOf(paths: readonly TreePath[]): string | null {
  const [first] = paths
  if (first === undefined) return null
  if (new Set(paths.map(({ path }) => path)).size < paths.length) {
    throw new NexusError('INVALID_PARAMS', 'a path stands twice in the batch')
  }
  if (paths.some(({ tree }) => tree !== first.tree)) {
    throw new NexusError('INVALID_PARAMS', 'the paths of a batch must belong to one tenant')
  }
  return first.tree
}
