import type { CallContext } from '../context.ts'
import type { FileDeps } from '../files/deps.ts'
import { parentPath, resolvePath } from '../files/paths.ts'
import { trashPage, type TrashPlace, type TrashRow } from './trash-rows.ts'

/** How many rows are looked at together. */
const BATCH = 500

export interface TrashList {
  readonly rows: readonly TrashRow[]
  /** Where the next page begins; null: there is none. */
  readonly next: TrashPlace | null
}

/** A page of what was deleted at a path and below it, as far as the caller may write the directory where it stood. */
export async function listTrash(
  deps: FileDeps,
  context: CallContext,
  path: string,
  page: { readonly after: TrashPlace | null; readonly limit: number },
): Promise<TrashList> {
  const at = resolvePath(path, context.caller.tenant)
  const key = at.path === '/' ? '' : at.path
  const found: TrashRow[] = []
  for (let after = page.after; ; ) {
    const start = after
    const rows = await deps.db.read(() => trashPage(at.tree, key, start, BATCH), { deadline: context.scope.deadline })
    found.push(...(await known(deps, context, at.tree, rows)))
    if (found.length > page.limit) {
      const shown = found.slice(0, page.limit)
      return { rows: shown, next: placeOf(shown.at(-1)) }
    }
    after = placeOf(rows.at(-1))
    if (after === null || rows.length < BATCH) return { rows: found, next: null }
  }
}

async function known(
  deps: FileDeps,
  context: CallContext,
  tree: string,
  rows: readonly TrashRow[],
): Promise<readonly TrashRow[]> {
  if (rows.length === 0) return []
  if (deps.guard.bypasses(context, tree)) {
    deps.guard.noteBypass(context, 'trash_list', '/')
    return rows
  }
  const parents = [...new Set(rows.map(({ path }) => parentPath(path)))]
  const answers = await deps.guard.ask(
    context,
    tree,
    parents.map((path) => ({ path, access: 'write' })),
  )
  const writable = new Set(parents.filter((_, index) => answers[index] === true))
  return rows.filter(({ path }) => writable.has(parentPath(path)))
}

function placeOf(row: TrashRow | undefined): TrashPlace | null {
  return row === undefined ? null : { deletedAt: row.deleted_at, trashId: row.trash_id }
}
