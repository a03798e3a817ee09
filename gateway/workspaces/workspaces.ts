import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { AuditRow } from '../audit/commands.ts'
import { actorName, type CallContext } from '../context.ts'
import type { Files } from '../files/contract.ts'
import { resolveFilePath, resolvePath, type TreePath } from '../files/paths.ts'
import { denied } from '../relationships/denied.ts'
import { objectName } from '../relationships/object-name.ts'
import type { Rights } from '../relationships/rights.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { WorkspaceChanges } from './commands.ts'
import { findRegistered, listRegistered, type Registry, type WorkspaceRecord } from './workspace-record.ts'

/** What a caller says of a directory. */
export interface RegistrationFacts extends Pick<WorkspaceRecord, 'name' | 'description' | 'metadata'> {
  /** @default none */
  readonly tags?: readonly string[]
  /** @default none */
  readonly sessionId?: string | undefined
  /** How long the registration holds, in milliseconds. @default until it is taken back */
  readonly ttlMs?: number | undefined
}

/**
 * Directories that people registered, as workspaces or as memories. Seen by those who may read the directory, changed by
 * its owners.
 */
export interface Workspaces {
  /** Those of the caller's tenant that the caller may read. */
  list(context: CallContext): Promise<readonly WorkspaceRecord[]>
  /** null if there is none, or the caller may not read it. */
  find(context: CallContext, path: string): Promise<WorkspaceRecord | null>
  /** Makes the directory if it is missing. @throws NexusError ACCESS_DENIED, INVALID_PARAMS if it is registered already */
  register(context: CallContext, path: string, facts: RegistrationFacts): Promise<WorkspaceRecord>
  /** The directory stays. false if it was not registered. @throws NexusError ACCESS_DENIED */
  unregister(context: CallContext, path: string): Promise<boolean>
  /** @throws NexusError ACCESS_DENIED, INVALID_PARAMS if it is not registered */
  update(context: CallContext, path: string, changes: WorkspaceChanges): Promise<WorkspaceRecord>
}

export interface WorkspacesOptions {
  readonly db: GatewayDatabase
  readonly files: Files
  readonly rights: Rights
  readonly auditor: Auditor
  readonly registry: Registry
}

export function createWorkspaces({ db, files, rights, auditor, registry }: WorkspacesOptions): Workspaces {
  const label = registry === 'workspace' ? 'Workspace' : 'Memory'

  /** @throws NexusError ACCESS_DENIED */
  async function requireOwner(context: CallContext, at: TreePath, action: string): Promise<void> {
    const { tenant } = context.caller
    const object = objectName('file', at.path, tenant)
    const [owns] = at.tree === tenant ? await rights.owns(context, [object]) : [false]
    if (owns !== true) throw denied(auditor, context, action, object)
  }

  const auditRow = ({ caller, now, requestId }: CallContext, action: string, path: string): AuditRow => ({
    tenant: caller.tenant,
    entryId: uuidv7(),
    at: now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId,
    action,
    path,
    outcome: 'ok',
    detail: null,
  })

  const writing = ({ caller, scope }: CallContext) => ({ group: caller.tenant, deadline: scope.deadline })

  return {
    async list(context) {
      const { tenant } = context.caller
      const all = await db.read(() => listRegistered(registry, tenant, context.now), {
        deadline: context.scope.deadline,
      })
      const readable = await rights.readable(
        context,
        all.map((workspace) => resolvePath(workspace.path, tenant)),
        'with-bypass',
      )
      return all.filter((_, index) => readable[index] === true)
    },

    async find(context, path) {
      const { tenant } = context.caller
      const at = resolveFilePath(path, tenant)
      const [readable] = await rights.readable(context, [at], 'with-bypass')
      if (readable !== true || at.tree !== tenant) return null
      return await db.read(() => findRegistered(registry, tenant, at.path, context.now), {
        deadline: context.scope.deadline,
      })
    },

    async register(context, path, { ttlMs, tags = [], sessionId = null, ...facts }) {
      const { caller, now } = context
      const at = resolveFilePath(path, caller.tenant)
      const action = `register_${registry}`
      if (at.tree !== caller.tenant) throw denied(auditor, context, action, objectName('file', path, caller.tenant))
      // Who makes it owns it.
      await files.mkdir(context, at.path, { parents: true, existOk: true })
      await requireOwner(context, at, action)
      const record = {
        ...facts,
        tags,
        sessionId,
        tenant: caller.tenant,
        path: at.path,
        createdBy: caller.subject.id,
        createdAt: now,
        expiresAt: ttlMs === undefined ? null : now + ttlMs,
      }
      const audit = auditRow(context, action, at.path)
      if (await db.write('registerDirectory', { registry, record, audit }, writing(context))) return record
      throw new NexusError('INVALID_PARAMS', `${label} already registered: ${at.path}`)
    },

    async unregister(context, path) {
      const { tenant } = context.caller
      const at = resolveFilePath(path, tenant)
      const action = `unregister_${registry}`
      await requireOwner(context, at, action)
      const audit = auditRow(context, action, at.path)
      return await db.write('unregisterDirectory', { registry, tenant, path: at.path, audit }, writing(context))
    },

    async update(context, path, changes) {
      const { tenant } = context.caller
      const at = resolveFilePath(path, tenant)
      const action = `update_${registry}`
      await requireOwner(context, at, action)
      const request = { registry, tenant, path: at.path, changes, audit: auditRow(context, action, at.path) }
      const record = await db.write('updateDirectory', request, writing(context))
      if (record === null) throw new NexusError('INVALID_PARAMS', `${label} not registered: ${at.path}`)
      return record
    },
  }
}
