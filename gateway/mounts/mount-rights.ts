import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { CallContext } from '../context.ts'
import { parentPath, resolveFilePath, SERVER_TREE, type TreePath } from '../files/paths.ts'
import { denied } from '../relationships/denied.ts'
import { objectName } from '../relationships/object-name.ts'
import type { Rights } from '../relationships/rights.ts'

/** A mount point as a client names it. @throws NexusError INVALID_PATH, INVALID_PARAMS */
export function mountPointOf(context: CallContext, path: string): TreePath {
  const at = resolveFilePath(path, context.caller.tenant)
  if (at.tree !== SERVER_TREE) return at
  throw new NexusError('INVALID_PARAMS', 'nothing can be mounted at /skill and below: all tenants share it')
}

export interface RightsDeps {
  readonly rights: Rights
  readonly auditor: Auditor
}

/** @throws NexusError ACCESS_DENIED */
export async function requireOwner(
  { rights, auditor }: RightsDeps,
  context: CallContext,
  path: string,
  action: string,
): Promise<void> {
  const object = objectName('file', path, context.caller.tenant)
  const [owns] = await rights.owns(context, [object])
  if (owns !== true) throw denied(auditor, context, action, object)
}

/** Whoever mounts hides and shows what lies in a directory. @throws NexusError ACCESS_DENIED */
export async function requireOwnerAbove(
  deps: RightsDeps,
  context: CallContext,
  at: TreePath,
  action: string,
): Promise<void> {
  await requireOwner(deps, context, parentPath(at.path), action)
}

/** The tenant that a parameter names; only a global administrator may name another than the own. @throws NexusError ACCESS_DENIED */
export function tenantOf({ caller }: CallContext, named: string | null): string {
  if (named === null || named === caller.tenant) return caller.tenant
  if (caller.isGlobalAdmin && caller.agentId === null) return named
  throw new NexusError('ACCESS_DENIED', `Access denied: User '${caller.subject.id}' belongs to another tenant`)
}
