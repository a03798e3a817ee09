import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { resolvePath } from '../files/paths.ts'
import { type ObjectName, objectName, refuseServerTree } from '../relationships/object-name.ts'

/**
 * A file or directory that can be shared. What is not at home in a tenant's tree cannot be.
 * @throws NexusError INVALID_PARAMS, INVALID_PATH
 */
export function sharedResource(context: CallContext, resource: readonly [type: string, id: string]): ObjectName {
  const [type, id] = resource
  if (type !== 'file') {
    throw new NexusError(
      'INVALID_PARAMS',
      `parameter 'resource' must be ["file", PATH]: only files and directories are shared; for a '${type.slice(0, 64)}' use rebac_create`,
    )
  }
  const object = objectName(type, id, context.caller.tenant)
  refuseServerTree(object)
  if (object.id === '/') {
    throw new NexusError('INVALID_PARAMS', "parameter 'resource' must not be the root '/': share what lies below it")
  }
  return object
}

/** Whether those of other tenants can name a path: it lies below its tenant's own directory. */
export function namesItsTenant(path: string, graph: string): boolean {
  const [top, ...below] = resolvePath(path, graph).components
  return top === `tenant:${graph}` && below.length > 0
}

/**
 * A tenant may be named by whoever may act in it.
 * @throws NexusError ACCESS_DENIED
 */
export function requireTenant({ caller }: CallContext, tenant: string | undefined): string {
  if (tenant === undefined || tenant === caller.tenant || caller.isGlobalAdmin) return tenant ?? caller.tenant
  throw new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${caller.subject.id}' may not act in the tenant that was named`,
  )
}
