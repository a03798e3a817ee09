import type { ErrorReason } from '../../services/common/errors/catalogue.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { Ways } from '../audit/ways.ts'
import type { CallContext } from '../context.ts'
import type { ObjectList, PermissionQuestion, Permissions } from '../permissions/contract.ts'
import { SERVER_TREE } from './paths.ts'

/** What finding an object may cost: its relationships, its relations, and groups on the way. */
const NODES_PER_OBJECT = 32
/** What the permission service allows a list by itself. */
const LARGEST_BUDGET = 50_000_000
const UNDECIDED: ReadonlySet<ErrorReason> = new Set([
  'NODE_BUDGET_EXCEEDED',
  'DEPTH_EXCEEDED',
  'CONDITION_FAILED',
  'MISSING_CONTEXT',
  'INVALID_CONTEXT',
])

export type Access = 'read' | 'write' | 'execute'

export interface AccessQuestion {
  readonly path: string
  readonly access: Access
}

export interface GuardOptions {
  readonly permissions: Permissions
  readonly audit: Auditor
  /** Finds out by which relationships changes are allowed. @default nothing does */
  readonly ways?: Ways | undefined
  /** Administrators need no permission in their own tenant, global ones nowhere. */
  readonly adminBypass: boolean
}

/** Decides who may do what to a path; existence plays no part. */
export class Guard {
  readonly #options: GuardOptions

  constructor(options: GuardOptions) {
    this.#options = options
  }

  /** Whether an administrator's right stands in for permissions in a tree. An agent never has it. */
  bypasses({ caller }: CallContext, tree: string): boolean {
    if (!this.#options.adminBypass || caller.agentId !== null || tree === SERVER_TREE) return false
    return caller.isGlobalAdmin || (caller.isAdmin && tree === caller.tenant)
  }

  /** Notes that `bypasses` was made use of. */
  noteBypass(context: CallContext, action: string, path: string): void {
    this.#options.audit.bypassed(context, action, path)
  }

  /** The permission service's answers, in order; the server-wide tree is decided here. */
  async ask(context: CallContext, tree: string, questions: readonly AccessQuestion[]): Promise<readonly boolean[]> {
    if (tree === SERVER_TREE) return questions.map(({ access }) => serverTreeAllows(context, access))
    const objects = questions.map(({ path, access }) => ({ objectType: 'file', objectId: path, relation: access }))
    return await this.holds(context, tree, objects)
  }

  /** As ask, about a change: by which relationships the caller may write is noted for the audit trail. */
  async askToChange(
    context: CallContext,
    tree: string,
    questions: readonly AccessQuestion[],
  ): Promise<readonly boolean[]> {
    const answers = await this.ask(context, tree, questions)
    if (tree === SERVER_TREE || this.bypasses(context, tree)) return answers
    for (const [index, { path, access }] of questions.entries()) {
      if (answers[index] !== true || access !== 'write') continue
      const question = { ...aboutCaller(context, tree), objectType: 'file', objectId: path, relation: access }
      this.#options.ways?.note(context, path, question)
    }
    return answers
  }

  /** Whether the caller has relations on objects of a tenant, in order. */
  async holds(
    context: CallContext,
    tree: string,
    objects: readonly Pick<PermissionQuestion, 'objectType' | 'objectId' | 'relation'>[],
  ): Promise<readonly boolean[]> {
    if (objects.length === 0) return []
    const common = aboutCaller(context, tree)
    const asked = objects.map((object): PermissionQuestion => ({ ...common, ...object }))
    const answers = await this.#options.permissions.check(asked, context.scope)
    if (answers.length !== asked.length) throw new Error('the permission service did not answer every question')
    return answers
  }

  /**
   * The paths of the caller's tenant to which he has access, as far as relationships speak of them; with whether other
   * tenants share something with him.
   */
  objects(context: CallContext, access: Access): Promise<ObjectList> {
    const about = aboutCaller(context, context.caller.tenant)
    const question = { ...about, objectType: 'file', relation: access, lookForIncoming: true }
    return this.#options.permissions.listObjects(question, context.scope)
  }

  /**
   * The same below a directory, if they are `most` at most and found without much more work than that; else null. Also
   * null where a condition cannot be evaluated: it may be about something that is not there.
   */
  async objectsBelow(
    context: CallContext,
    tree: string,
    { path, access }: AccessQuestion,
    most: number,
  ): Promise<ObjectList | null> {
    const bounds = {
      idPrefix: path === '/' ? path : `${path}/`,
      limit: most,
      nodeBudget: Math.min(most * NODES_PER_OBJECT, LARGEST_BUDGET),
    }
    const question = { ...aboutCaller(context, tree), objectType: 'file', relation: access, bounds }
    try {
      const list = await this.#options.permissions.listObjects(question, context.scope)
      return list.more ? null : list
    } catch (error) {
      if (error instanceof NexusError && UNDECIDED.has(error.reason)) return null
      throw error
    }
  }

  /** The paths of a tenant's tree on which every subject that there is has a relation. */
  async openToAll({ scope }: CallContext, tree: string, relation: string): Promise<readonly string[]> {
    const filter = { objectType: 'file', relations: [relation] }
    const rows = await this.#options.permissions.read({ tenant: tree, filter, deadline: scope.deadline })
    return rows.filter(({ subject }) => subject.type === '*').map(({ objectId }) => objectId)
  }

  /** Whether it is certain that the caller has access to a path and to everything below it; false says nothing. */
  async covers(context: CallContext, tree: string, { path, access }: AccessQuestion): Promise<boolean> {
    if (tree === SERVER_TREE) return serverTreeAllows(context, access)
    const question = { ...aboutCaller(context, tree), objectType: 'file', objectId: path, relation: access }
    const [verdict] = await this.#options.permissions.verdicts([question], context.scope)
    return verdict === 'covering'
  }

  /** One question, where an administrator's right counts. */
  async allows(context: CallContext, tree: string, action: string, question: AccessQuestion): Promise<boolean> {
    if (this.bypasses(context, tree)) {
      this.noteBypass(context, action, question.path)
      return true
    }
    const [allowed] = await this.ask(context, tree, [question])
    return allowed === true
  }

  /** Notes a denial that is worded elsewhere. */
  noteDenial(context: CallContext, action: string, path: string): void {
    this.#options.audit.denied(context, action, path)
  }

  /** The denial, noted for the audit trail. Existing clients know it by these words. */
  denial(context: CallContext, action: string, { path, access }: AccessQuestion): NexusError {
    this.#options.audit.denied(context, action, path)
    const user = context.caller.subject.id
    return new NexusError(
      'ACCESS_DENIED',
      `Access denied: User '${user}' does not have ${access.toUpperCase()} permission for '${path}'`,
    )
  }
}

/** What all questions about a caller in a tree have in common. */
function aboutCaller({ caller }: CallContext, tree: string) {
  const foreign = tree !== caller.tenant
  return {
    tenant: tree,
    subject: foreign ? { ...caller.subject, tenant: caller.tenant } : caller.subject,
    alsoAs: [],
    // What an agent inherits is known in its own tenant only.
    resolveInheritance: caller.agentId !== null && !foreign,
  }
}

/** /skill and below: read by everybody who is authenticated, written by global administrators in person. */
function serverTreeAllows({ caller }: CallContext, access: Access): boolean {
  return access === 'read' || (caller.isGlobalAdmin && caller.agentId === null)
}
