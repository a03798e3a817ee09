import type { CallContext } from '../context.ts'
import { parentPath } from '../files/paths.ts'
import type { SkillDeps } from './deps.ts'

/** The relation that `make_public` stores for any subject. */
export const PUBLIC_RELATION = 'public_discoverable'

/** Whether a path of a tenant is public: it, or a directory above it, was made so. */
export async function publicRoots(
  deps: SkillDeps,
  context: CallContext,
  tree: string,
): Promise<(path: string) => boolean> {
  const open = new Set(await deps.guard.openToAll(context, tree, PUBLIC_RELATION))
  return (path) => {
    for (let above = path; ; above = parentPath(above)) {
      if (open.has(above)) return true
      if (above === '/') return false
    }
  }
}
