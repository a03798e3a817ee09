import { v7 as uuidv7 } from 'uuid'
import { actorName, type CallContext } from '../context.ts'
import { change, mutation, newIds } from '../files/change.ts'
import type { FileEntry } from '../files/contract.ts'
import { type FileDeps, whenOpen } from '../files/deps.ts'
import { entryOf } from '../files/nodes.ts'
import { parentPath, resolveFilePath, resolvePath } from '../files/paths.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { lookup } from '../files/queries.ts'
import type { Rights } from '../relationships/rights.ts'
import { notInTrash } from './commands/restore-trash.ts'
import { indexAgain } from './index-again.ts'
import { listTrash, type TrashList } from './list-trash.ts'
import { isOrWasOwner } from './owner.ts'
import { purgeWhole } from './purge-expired.ts'
import { relationshipsToRestore } from './relationships-to-restore.ts'
import { trashed, type TrashPlace, type TrashRow } from './trash-rows.ts'

/**
 * What was deleted, until it is deleted for good. Known to those who may write the directory where it stood; to
 * everybody else an id is unknown.
 * Errors: FILE_NOT_FOUND, ACCESS_DENIED, FILE_EXISTS, INVALID_PATH, UNAVAILABLE.
 */
export interface Trash {
  /** What was deleted at a path and below it, the latest first. */
  list(
    context: CallContext,
    path: string,
    page: { readonly after: TrashPlace | null; readonly limit: number },
  ): Promise<TrashList>
  /**
   * Brings something back to where it stood, or to another path of the same tenant; needs write on the directory there.
   * Its relationships come back if the caller is or was its owner.
   */
  restore(context: CallContext, trashId: string, newPath: string | null): Promise<FileEntry>
  /** Deletes something for good. Needs that the caller is or was its owner. */
  purge(context: CallContext, trashId: string): Promise<void>
}

/** The trash of a file system. */
export function createTrash(deps: FileDeps, rights: Rights): Trash {
  return {
    list: (context, path, page) => listTrash(deps, context, path, page),
    restore: (context, trashId, newPath) => restore(deps, rights, context, trashId, newPath),
    purge: (context, trashId) => purge(deps, context, trashId),
  }
}

async function restore(
  deps: FileDeps,
  rights: Rights,
  context: CallContext,
  trashId: string,
  newPath: string | null,
): Promise<FileEntry> {
  const { tenant } = context.caller
  const first = await knownTo(deps, context, trashId)
  const at = resolveFilePath(newPath ?? first.path, tenant)
  if (at.tree !== first.tenant) {
    const message = `'${first.path}' cannot be restored to '${at.path}': they belong to different tenants.`
    throw new NexusError('INVALID_PATH', message)
  }
  const { node } = await change(deps, context, at, async (found) => {
    const bypass = deps.guard.bypasses(context, at.tree)
    const target = { path: parentPath(at.path), access: 'write' } as const
    const [allowed] = bypass ? [true] : await deps.guard.askToChange(context, at.tree, [target])
    if (allowed !== true) throw deps.guard.denial(context, 'trash_restore', { path: at.path, access: 'write' })
    const from = await knownTo(deps, context, trashId)
    return await deps.db.write(
      'restoreTrash',
      {
        ...mutation(deps, context, at, found, bypass),
        from,
        ids: newIds(deps, at),
        maxPathBytes: deps.maxPathBytes,
        relationships: await relationshipsToRestore(deps, rights, context, from),
        indexed: await indexAgain(deps, context, at, from),
      },
      { group: at.tree, deadline: context.scope.deadline },
    )
  })
  return entryOf(at.path, node)
}

async function purge(deps: FileDeps, context: CallContext, trashId: string): Promise<void> {
  const { caller, now, requestId, scope } = context
  const row = await knownTo(deps, context, trashId)
  if (!(await isOrWasOwner(deps, context, row)))
    throw deps.guard.denial(context, 'trash_purge', { path: row.path, access: 'execute' })
  const bypass = deps.guard.bypasses(context, row.tenant)
  const audit = {
    tenant: row.tenant,
    entryId: uuidv7(),
    at: now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId,
    action: 'trash_purge',
    outcome: 'ok',
    detail: bypass ? JSON.stringify({ bypass }) : null,
  } as const
  await purgeWhole(deps.db, { tenant: row.tenant, trashId, now, audit }, scope.deadline)
}

/**
 * What is in the trash, with its relationships kept, for one who may write the directory where it stood.
 * @throws NexusError FILE_NOT_FOUND
 */
async function knownTo(deps: FileDeps, context: CallContext, trashId: string): Promise<TrashRow> {
  const { deadline } = context.scope
  const row = await deps.db.read(() => trashed(trashId), { deadline })
  if (row === null) throw notInTrash(trashId)
  const bypass = deps.guard.bypasses(context, row.tenant)
  const question = { path: parentPath(row.path), access: 'write' } as const
  const [allowed] = bypass ? [true] : await deps.guard.ask(context, row.tenant, [question])
  if (allowed !== true) throw notInTrash(trashId)
  // Until the entry of the deletion is applied nobody knows what the relationships were.
  await whenOpen(deps, context, resolvePath(row.path, row.tenant), lookup)
  return row
}
