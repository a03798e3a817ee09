import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { CallContext } from '../context.ts'
import { newKey, type NewKey } from '../keys/new-key.ts'
import { requireAdmin, tenantNamed } from './administration.ts'
import { checkUserId, homeOf } from './names.ts'
import type { PeopleOptions } from './people.ts'

/** The folders of a home. */
const FOLDERS = ['workspace', 'memory', 'skill', 'agent', 'connector', 'resource'] as const
const PATIENCE_MS = 60_000

export interface ProvisionRequest {
  readonly tenant: string | undefined
  readonly userId: string
  readonly email: string | null
  readonly displayName: string | null
  /** @default for an administrator true, for oneself false */
  readonly withKey: boolean | undefined
  readonly keyName: string
  readonly keyExpiresAt: number | null
  readonly withAgents: boolean
  readonly withSkills: boolean
}

/** What a user has now, and what of it was made by this call. */
export interface Provisioned {
  readonly userId: string
  readonly tenant: string
  readonly key: NewKey | null
  readonly workspacePath: string
  readonly created: {
    readonly user: boolean
    readonly directories: readonly string[]
    readonly workspace: boolean
    /** Ids. */
    readonly agents: readonly string[]
    /** Names. */
    readonly skills: readonly string[]
  }
}

/** Makes what a user begins with. What is there already stays as it is, so it may be repeated, also after a failure. */
export async function provision(
  options: PeopleOptions,
  context: CallContext,
  request: ProvisionRequest,
): Promise<Provisioned> {
  const userId = checkUserId(request.userId)
  const { tenant, self } = authorize(options, context, userId, request)
  const user = await knowUser(options, context, { ...request, tenant, userId })
  const own = asUser(context, tenant, userId)
  const home = homeOf(tenant, userId)
  const directories = await makeFolders(options, own, home)
  const workspace = await makeWorkspace(options, own, home)
  const agents = request.withAgents ? await makeAgents(options, own) : []
  const skills = request.withSkills ? await makeSkills(options, own, home) : []
  const withKey = request.withKey ?? !self
  const key = withKey ? await makeKey(options, context, { ...request, tenant, userId }) : null
  const created = { user, directories, workspace: workspace.created, agents, skills }
  return { userId, tenant, key, workspacePath: workspace.path, created }
}

/** Oneself, or an administrator. @throws NexusError ACCESS_DENIED */
function authorize(
  { auditor }: PeopleOptions,
  context: CallContext,
  userId: string,
  { tenant: named, withKey }: ProvisionRequest,
): { readonly tenant: string; readonly self: boolean } {
  const action = 'provision_user'
  const { caller } = context
  const tenant = tenantNamed(auditor, context, action, named)
  const oneself = caller.agentId === null && caller.user === userId && caller.tenant === tenant
  // A key outlives the session, or the key, that it would be made by.
  if (!oneself || (withKey === true && !caller.isAdmin)) requireAdmin(auditor, context, action)
  return { tenant, self: oneself && !caller.isAdmin }
}

/** True if the user was not known before, or had left. @throws NexusError ACCESS_DENIED to one who has left */
async function knowUser(
  { auditor, db, outbox }: PeopleOptions,
  context: CallContext,
  request: ProvisionRequest & { readonly tenant: string },
): Promise<boolean> {
  const { tenant, userId, email, displayName } = request
  const { deadline } = context.scope
  const user = {
    tenant,
    userId,
    email,
    displayName,
    now: context.now,
    entryId: uuidv7(),
    leaseOwner: outbox.leaseOwner,
  }
  const audit = auditRow(context, 'provision_user', `user:${userId}`, { tenant })
  const { caller } = context
  const byOneself = caller.user === userId && caller.tenant === tenant
  const known = await db.write('knowUser', { user, byOneself, audit }, { group: tenant, deadline })
  if (known === null) {
    auditor.denied(context, 'provision_user', `user:${userId}`)
    throw new NexusError(
      'ACCESS_DENIED',
      `Access denied: User '${userId}' was deprovisioned: only an administrator provisions the user again`,
    )
  }
  await outbox.committed(known.receipt, deadline)
  return known.created
}

/** The user at work, with the rights that relationships give and no others. */
function asUser(context: CallContext, tenant: string, userId: string): CallContext {
  const { caller, scope, now } = context
  return {
    ...context,
    caller: {
      keyId: caller.keyId,
      tenant,
      subject: { tenant: '', type: 'user', id: userId, relation: '' },
      user: userId,
      agentId: null,
      isAdmin: false,
      isGlobalAdmin: false,
      inheritPermissions: false,
    },
    // Skills are many files.
    scope: { ...scope, deadline: Math.max(scope.deadline, now + PATIENCE_MS) },
  }
}

async function makeFolders({ files }: PeopleOptions, own: CallContext, home: string): Promise<readonly string[]> {
  const made: string[] = []
  for (const path of FOLDERS.map((folder) => `${home}/${folder}`)) {
    if (await files.exists(own, path)) continue
    // The home belongs to the user before it is there, so that the first folder brings it into being.
    await files.mkdir(own, path, { parents: true, existOk: true })
    made.push(path)
  }
  return made
}

/** The first workspace; one who has any keeps what there is. */
async function makeWorkspace({ workspaces }: PeopleOptions, own: CallContext, home: string) {
  const below = `${home}/workspace/`
  const known = (await workspaces.list(own)).find(({ path }) => path.startsWith(below))
  if (known !== undefined) return { path: known.path, created: false }
  // The same each time, so that two calls at once do not make two.
  const suffix = createHash('sha256').update(home).digest('hex').slice(0, 12)
  const path = `${below}ws_personal_${suffix}`
  try {
    await workspaces.register(own, path, { name: 'Personal workspace', description: null, metadata: {} })
    return { path, created: true }
  } catch (error) {
    if (error instanceof NexusError && error.reason === 'INVALID_PARAMS') return { path, created: false }
    throw error
  }
}

async function makeAgents({ agents, starter }: PeopleOptions, own: CallContext): Promise<readonly string[]> {
  const made: string[] = []
  for (const { name, description, inherits } of starter.agents) {
    const agentId = `${own.caller.user},${name}`
    const facts = { name, description, inheritPermissions: inherits, metadata: { platform: 'nexus' }, withKey: false }
    try {
      await agents.register(own, agentId, facts)
      made.push(agentId)
    } catch (error) {
      if (!(error instanceof NexusError && error.reason === 'ALREADY_EXISTS')) throw error
    }
  }
  return made
}

async function makeSkills(
  { files, starter }: PeopleOptions,
  own: CallContext,
  home: string,
): Promise<readonly string[]> {
  const made: string[] = []
  for (const skill of await starter.skills()) {
    const directory = `${home}/skill/${skill.name}`
    if (await files.exists(own, `${directory}/SKILL.md`)) continue
    await files.writeBatch(
      own,
      skill.files.map(({ path, content }) => ({ path: `${directory}/${path}`, content })),
    )
    made.push(skill.name)
  }
  return made
}

/** A first key; null if the user has one that works. */
async function makeKey(
  { db }: PeopleOptions,
  context: CallContext,
  request: ProvisionRequest & { readonly tenant: string },
): Promise<NewKey | null> {
  const { tenant, userId, keyName, keyExpiresAt } = request
  const made = newKey({
    tenant,
    userId,
    subjectType: 'user',
    subjectId: userId,
    name: keyName,
    isAdmin: false,
    isGlobalAdmin: false,
    inheritPermissions: false,
    createdAt: context.now,
    expiresAt: keyExpiresAt,
  })
  const audit = auditRow(context, 'admin_create_key', `key:${made.record.keyId}`, {
    tenant,
    detail: { user_id: userId, bypass: true },
  })
  const options = { group: tenant, deadline: context.scope.deadline }
  return (await db.write('issueFirstKey', { key: made.record, audit, now: context.now }, options)) ? made : null
}
