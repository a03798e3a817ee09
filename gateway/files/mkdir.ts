import type { CallContext } from '../context.ts'
import { backedChange, canOwn, mutation, newIds, noteChange } from './change.ts'
import { checkDirectory, type MakeDirectoryRequest } from './commands/make-directory.ts'
import { checkPlace } from './commands/make-nodes.ts'
import type { FileDeps } from './deps.ts'
import { resolveFilePath, type TreePath } from './paths.ts'
import type { Lookup } from './queries.ts'

/** Needs write on the parent, also where the parent is still to be made. */
export async function mkdir(
  deps: FileDeps,
  context: CallContext,
  path: string,
  options: { readonly parents: boolean; readonly existOk: boolean },
): Promise<void> {
  const at = resolveFilePath(path, context.caller.tenant)
  await backedChange(deps, context, at, {
    decide: (now, found) => decide(deps, now, at, found),
    async commit(now, found, decision, mount) {
      const facts = {
        ids: newIds(deps, at),
        parents: options.parents,
        existOk: options.existOk,
        explicitFrom: mount?.realDirectories === true ? 0 : decision.explicitFrom,
        owner: decision.owner,
      }
      const write = (context: CallContext, seen: Lookup) => {
        const request = { ...mutation(deps, context, at, seen, decision.bypass), ...facts }
        return deps.db.write('makeDirectory', request, { group: at.tree, deadline: context.scope.deadline })
      }
      if (mount === null || checkDirectory({ at, ...facts }, found)) return await write(now, found)
      checkPlace(at, found)
      await mount.makeDirectory(now, at)
      return await noteChange(deps, now, at, found, write)
    },
  })
}

type Decision = Pick<MakeDirectoryRequest, 'bypass' | 'explicitFrom' | 'owner'>

/**
 * Missing directories above become explicit from the first on whose parent the caller may write, and the caller owns
 * that one: somebody with a grant on a directory that does not exist yet may make things in it, but must not come to
 * own what has to be made above it.
 */
async function decide(deps: FileDeps, context: CallContext, at: TreePath, found: Lookup): Promise<Decision> {
  const bypass = deps.guard.bypasses(context, at.tree)
  const { components } = at
  const parentDepth = components.length - 1
  const first = Math.min(found.anchor.depth, parentDepth)
  const above = range(first, parentDepth).map((depth) => upTo(components, depth))
  const answers = await deps.guard.askToChange(context, at.tree, [
    { path: at.path, access: 'write' },
    ...above.map((path) => ({ path, access: 'write' }) as const),
    ...above.map((path) => ({ path, access: 'execute' }) as const),
  ])
  const writes = answers.slice(1, 1 + above.length).map((allowed) => bypass || allowed)
  const owns = answers.slice(1 + above.length)
  // One who may write a directory may be told that it is there already.
  const allowed = writes.at(-1) === true || (found.node?.kind === 'directory' && answers[0] === true)
  if (!allowed) throw deps.guard.denial(context, 'mkdir', { path: at.path, access: 'write' })
  const index = Math.max(0, writes.indexOf(true))
  const explicitFrom = first + index
  const needsOwner = found.node === null && canOwn(context, at.tree) && owns[index] !== true
  const owner = needsOwner ? { subject: context.caller.subject, path: upTo(components, explicitFrom + 1) } : null
  return { bypass, explicitFrom, owner }
}

/** The path of the first `depth` components. */
function upTo(components: readonly string[], depth: number): string {
  return `/${components.slice(0, depth).join('/')}`
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
