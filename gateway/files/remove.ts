import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { afterWaiting, type OpenMount } from './backing.ts'
import { backedChange, mutation, noteChange } from './change.ts'
import { type RemoveRequest, removable } from './commands/remove.ts'
import type { FileDeps } from './deps.ts'
import { resolveFilePath } from './paths.ts'
import type { Lookup } from './queries.ts'

/**
 * Removes a file, or a directory with what is in it. Needs write on the path itself; for a directory that covers all
 * below, because rights are inherited downwards.
 */
export async function remove(
  deps: FileDeps,
  context: CallContext,
  path: string,
  options: { readonly action: 'delete' | 'rmdir'; readonly recursive: boolean },
): Promise<void> {
  const at = resolveFilePath(path, context.caller.tenant)
  await backedChange(deps, context, at, {
    async decide(now) {
      const bypass = deps.guard.bypasses(now, at.tree)
      const question = { path: at.path, access: 'write' } as const
      const [allowed] = bypass ? [true] : await deps.guard.askToChange(now, at.tree, [question])
      if (allowed !== true) throw deps.guard.denial(now, options.action, question)
      return bypass
    },
    async commit(now, found, bypass, mount) {
      const requestOf = (context: CallContext, seen: Lookup) => ({
        ...mutation(deps, context, at, seen, bypass),
        ...options,
        trashId: uuidv7(),
        // What a back end has lost is gone.
        forever: mount !== null,
      })
      const write = (context: CallContext, seen: Lookup) =>
        deps.db.write('remove', requestOf(context, seen), { group: at.tree, deadline: context.scope.deadline })
      if (mount === null) return await write(now, found)
      await removeFrom(deps, mount, now, requestOf(now, found), found)
      return await noteChange(deps, now, at, found, write)
    },
  })
}

/** What the database would refuse afterwards is refused before the back end is changed. */
async function removeFrom(
  deps: FileDeps,
  mount: OpenMount,
  context: CallContext,
  request: RemoveRequest,
  found: Lookup,
): Promise<void> {
  const { at } = request
  if (found.node?.kind === 'directory' && !request.recursive) await mount.refresh(context, at, 'children')
  const node = await deps.db.read(() => removable(request, found), { deadline: afterWaiting(context).scope.deadline })
  await mount.remove(context, at, node.kind)
}
