import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { Ways } from '../audit/ways.ts'
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
  /** The same of one object that is about to be changed: by which relationships is noted for the audit trail. */
  ownsToChange(context: CallContext, object: ObjectName): Promise<boolean>
}

export interface RightsOptions {
  readonly permissions: Permissions
  readonly auditor: Auditor
  /** Finds out by which relationships changes are allowed. @default nothing does */
  readonly ways?: Ways
  readonly allowAdminBypass: boolean
}

interface Item {
  /** The tenant in whose graph it is decided. */
  readonly graph: string
  /** For the audit trail. */
  readonly name: string
  /** null: everybody may. */
  readonly question: PermissionQuestion | null
}

export function createRights({ permissions, auditor, ways, allowAdminBypass }: RightsOptions): Rights {
  async function decide(context: CallContext, action: string, items: readonly Item[], basis: Basis) {
    const bypassed = (item: Item) =>
      basis === 'with-bypass' && allowAdminBypass && item.question !== null && administers(context.caller, item.graph)
    const asked = items
      .filter((item) => !bypassed(item))
      .flatMap(({ question }) => (question === null ? [] : [question]))
    const answers = asked.length === 0 ? [] : await permissions.check(asked, context.scope)
    const decided = new Map(asked.map((question, index) => [question, answers[index] === true]))
    const first = items.find(bypassed)
    if (first !== undefined) auditor.bypassed(context, action, first.name)
    return items.map((item) => item.question === null || bypassed(item) || decided.get(item.question) === true)
  }

  return {
    readable(context, paths, basis) {
      const items = paths.map(({ path, tree }) => ({
        graph: tree,
        name: path,
        question: tree === SERVER_TREE ? null : ask(context.caller, tree, 'file', path, 'read'),
      }))
      return decide(context, 'read', items, basis)
    },
    owns(context, objects) {
      return decide(
        context,
        'relationships',
        objects.map((object) => ownershipOf(context.caller, object)),
        'with-bypass',
      )
    },
    async ownsToChange(context, object) {
      const item = ownershipOf(context.caller, object)
      const [owner] = await decide(context, 'relationships', [item], 'with-bypass')
      const bypassed = allowAdminBypass && administers(context.caller, object.graph)
      if (owner === true && !bypassed) ways?.note(context, item.name, item.question)
      return owner === true
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

function ask(caller: Caller, graph: string, type: string, id: string, relation: string): PermissionQuestion {
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

function ownershipOf(caller: Caller, object: ObjectName) {
  return { graph: object.graph, name: `${object.type}:${object.id}`, question: ownership(caller, object) }
}

/** Who owns an object is a matter of its type (decisions, section 6). */
function ownership(caller: Caller, object: ObjectName): PermissionQuestion {
  if (object.type === 'file') return ask(caller, object.graph, 'file', object.id, 'execute')
  if (object.type === 'group') return ask(caller, object.graph, 'group', object.id, 'manage')
  if (object.type === 'workspace') {
    const at = pathOf(object.id, caller.tenant)
    if (at !== null) return ask(caller, at.tree, 'file', at.path, 'execute')
  }
  return ask(caller, object.graph, object.type, object.id, 'owner')
}

/** null if it is none: other services may have stored workspaces of other names. */
function pathOf(id: string, callerTenant: string): TreePath | null {
  try {
    const at = resolvePath(id, callerTenant)
    return at.tree === SERVER_TREE ? null : at
  } catch (error) {
    if (error instanceof NexusError) return null
    throw error
  }
}
