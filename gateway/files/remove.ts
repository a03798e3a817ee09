import { v7 as uuidv7 } from 'uuid'
import type { CallContext } from '../context.ts'
import { change, mutation } from './change.ts'
import type { FileDeps } from './deps.ts'
import { resolveFilePath } from './paths.ts'

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
  await change(deps, context, at, async (found) => {
    const bypass = deps.guard.bypasses(context, at.tree)
    const question = { path: at.path, access: 'write' } as const
    const [allowed] = bypass ? [true] : await deps.guard.ask(context, at.tree, [question])
    if (allowed !== true) throw deps.guard.denial(context, options.action, question)
    return await deps.db.write(
      'remove',
      { ...mutation(deps, context, at, found, bypass), ...options, trashId: uuidv7() },
      { group: at.tree, deadline: context.scope.deadline },
    )
  })
}
