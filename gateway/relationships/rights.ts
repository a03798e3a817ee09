import type { Auditor } from '../audit/auditor.ts'
import type { CallContext, Caller } from '../context.ts'
import { resolvePath, SERVER_TREE, type TreePath } from '../files/paths.ts'
import type { PermissionQuestion, Permissions, PermissionSubject } from '../permissions/contract.ts'
import type { ObjectName } from './object-name.ts'

/** 'by-relationship' leaves out what a caller may only do by being an administrator. */
export type Basis = 'with-bypass' | 'by-relationship'

/** Questions about the caller that capabilities other than files ask. */
export interface Rights {
  /** Whether the caller may read each path; one question to the service for all. */
  readable(context: CallContext, paths: readonly TreePath[], basis: Basis): Promise<readonly boolean[]>
  /** Whether the caller is the owner of each object, or its administrator. */
  owns(context: CallContext, objects: readonly ObjectName[]): Promise<readonly boolean[]>
}

export interface RightsOptions {
  readonly permissions: Permissions
  readonly auditor: Auditor
  readonly allowAdminBypass: boolean
}

export function createRights({ permissions, auditor, allowAdminBypass }: RightsOptions): Rights {
  async function decide(
    context: CallContext,
    items: readonly { readonly graph: string; readonly free: boolean; readonly question: () => PermissionQuestion }[],
    basis: Basis,
  ): Promise<readonly boolean[]> {
    const bypass = (graph: string) => basis === 'with-bypass' && allowAdminBypass && administers(context.caller, graph)
    const asked = items.filter((item) => !item.free && !bypass(item.graph))
    const answers = asked.length === 0 ? [] : await permissions.check(asked.map((item) => item.question()), context.scope)
    const decided = new Map(asked.map((item, index) => [item, answers[index] === true]))
    return items.map((item) => decided.get(item) ?? true)
  }

  return {
    readable(context, paths, basis) {
      const items = paths.map((at) => ({
        graph: at.tree,
        free: at.tree === SERVER_TREE,
        question: () => question(context.caller, at.tree, 'file', at.path, 'read'),
      }))
      return decide(context, items, basis)
    },
    async owns(context, objects) {
      const items = objects.map((object) => ({
        graph: object.graph,
        free: false,
        question: () => ownership(context.caller, object),
      }))
      const owned = await decide(context, items, 'with-bypass')
      const [first] = objects
      if (first !== undefined && allowAdminBypass && objects.some((object) => administers(context.caller, object.graph))) {
        auditor.bypassed(context, 'relationships', `${first.type}:${first.id}`)
      }
      return owned
    },
  }
}

/** Administrators act in their own tenant, global ones in every tenant. */
export function administers(caller: Caller, graph: string): boolean {
  return caller.isGlobalAdmin || (caller.isAdmin && graph === caller.tenant)
}

/** The caller as a graph knows him: a foreigner carries his tenant. */
export function subjectIn(subject: PermissionSubject, callerTenant: string, graph: string): PermissionSubject {
  return graph === callerTenant ? subject : { ...subject, tenant: callerTenant }
}

function question(caller: Caller, graph: string, type: string, id: string, relation: string): PermissionQuestion {
  return {
    tenant: graph,
    objectType: type,
    objectId: id,
    relation,
    subject: subjectIn(caller.subject, caller.tenant, graph),
    alsoAs: [],
    // What an agent inherits is known in its own tenant only.
    resolveInheritance: caller.agentId !== null && graph === caller.tenant,
  }
}

/** Who owns an object is a matter of its type (decisions, section 6). */
function ownership(caller: Caller, object: ObjectName): PermissionQuestion {
  if (object.type === 'file') return question(caller, object.graph, 'file', object.id, 'execute')
  if (object.type === 'group') return question(caller, object.graph, 'group', object.id, 'manage')
  if (object.type === 'workspace') {
    const at = resolvePath(object.id, caller.tenant)
    return question(caller, at.tree, 'file', at.path, 'execute')
  }
  return question(caller, object.graph, object.type, object.id, 'owner')
}
