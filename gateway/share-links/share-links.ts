import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../context.ts'
import { afterWaiting } from '../files/backing.ts'
import { type FileDeps, whenOpen } from '../files/deps.ts'
import { resolveFilePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { nodeAsFile, refreshed } from '../files/read.ts'
import type { FileDownload } from '../files/contract.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { Passwords } from '../sign-in/passwords.ts'
import { isAboutCaller } from '../relationships/about-caller.ts'
import { denied } from '../relationships/denied.ts'
import type { RelationshipsOptions } from '../relationships/relationships.ts'
import { administers } from '../relationships/rights.ts'
import {
  type AccessRecord,
  accessesOf,
  hashSecret,
  linkOf,
  type LinkRecord,
  linksOf,
  pathOfNode,
} from './link-record.ts'
import { type DownloadFacts, downloadLink, findLink, type Opened, openLink, type Visit } from './open-link.ts'

/** A link, for those who manage it. */
export interface ManagedLink {
  readonly link: LinkRecord
  /** Where its file is; null if that is gone. */
  readonly path: string | null
}

export interface NewLinkFacts {
  readonly path: string
  readonly password: string | undefined
  /** Milliseconds since 1970; null: never. */
  readonly expiresAt: number | null
  /** null: any number. */
  readonly maxAccessCount: number | null
}

/**
 * Links by which anybody reads a file, without a key. What opens one is shown once, when it is made; the database has
 * its hash. A link follows its file, and works while whoever made it may share the file.
 */
export interface ShareLinks {
  /** @throws NexusError ACCESS_DENIED unless the caller owns the file, FILE_NOT_FOUND, INVALID_PATH, INVALID_PARAMS */
  create(context: CallContext, facts: NewLinkFacts): Promise<ManagedLink & { readonly secret: string }>
  /** By what opens it or by its id; null if there is none that the caller manages: its maker, the file's owner, an administrator. */
  find(context: CallContext, link: string): Promise<ManagedLink | null>
  /** The caller's, or an administrator's tenant's; of a file that the caller owns, all. The newest first. */
  list(context: CallContext, path: string | undefined): Promise<readonly ManagedLink[]>
  /** False if there is none that the caller manages, or it was revoked before. */
  revoke(context: CallContext, link: string): Promise<boolean>
  /** Who came with it, the latest first; null as find. */
  accesses(context: CallContext, link: string, limit: number): Promise<readonly AccessRecord[] | null>
  look(visit: Visit, secret: string): Promise<Opened>
  open(visit: Visit, secret: string, password: string | undefined): Promise<Opened & { readonly ticket: string }>
  download(visit: Visit, secret: string, by: DownloadFacts): Promise<FileDownload>
}

export interface ShareLinksOptions extends Pick<RelationshipsOptions, 'rights' | 'auditor'> {
  readonly files: FileDeps
  readonly permissions: Permissions
  /** Its own: who guesses at links must not keep others from signing in. */
  readonly passwords: Passwords
  /** Whether being an administrator is a right to files; without it, links that were made by it open nothing. */
  readonly allowAdminBypass: boolean
}

export function createShareLinks(options: ShareLinksOptions): ShareLinks {
  const { db } = options.files
  const find = async (context: CallContext, text: string): Promise<ManagedLink | null> => {
    const { caller, scope } = context
    const link = await db.read(() => linkOf(caller.tenant, text), { deadline: scope.deadline })
    if (link === null) return null
    const path = await db.read(() => pathOfNode(link.tenant, link.node_id), { deadline: scope.deadline })
    if (isMaker(context, link) || administers(caller, link.tenant)) return { link, path }
    if (path === null) return null
    const [owner] = await options.rights.owns(context, [{ type: 'file', id: path, written: path, graph: link.tenant }])
    return owner === true ? { link, path } : null
  }
  return {
    create: (context, facts) => create(options, context, facts),
    find,
    list: (context, path) => list(options, context, path),
    async revoke(context, text) {
      const found = await find(context, text)
      if (found === null) return false
      const { tenant, link_id: linkId } = found.link
      const audit = auditOf(context, 'revoke_share_link', found.path, linkId)
      return await db.write(
        'revokeShareLink',
        { tenant, linkId, now: context.now, audit },
        { deadline: context.scope.deadline },
      )
    },
    async accesses(context, text, limit) {
      const found = await find(context, text)
      if (found === null) return null
      const { tenant, link_id: linkId } = found.link
      return await db.read(() => accessesOf(tenant, linkId, limit), { deadline: context.scope.deadline })
    },
    look: (visit, secret) => findLink(options, visit, secret),
    open: (visit, secret, password) => openLink(options, visit, secret, password),
    download: (visit, secret, by) => downloadLink(options, visit, secret, by),
  }
}

async function create(options: ShareLinksOptions, context: CallContext, facts: NewLinkFacts) {
  const { files, rights, auditor, passwords } = options
  const { caller, now } = context
  const at = resolveFilePath(facts.path, caller.tenant)
  if (facts.expiresAt !== null && facts.expiresAt <= now) {
    throw new NexusError('INVALID_PARAMS', 'the link would have expired before it is made')
  }
  if (at.tree !== caller.tenant) {
    const object = { type: 'file', id: at.path, written: facts.path, graph: at.tree }
    throw denied(auditor, context, 'create_share_link', object)
  }
  const owner = async () => {
    const object = { type: 'file', id: at.path, written: facts.path, graph: at.tree }
    const [byRelationship] = await files.guard.ask(context, at.tree, [{ path: at.path, access: 'execute' }])
    if (byRelationship === true) return { byAdmin: 0 }
    const [owns] = await rights.owns(context, [object])
    if (owns !== true) throw denied(auditor, context, 'create_share_link', object)
    return { byAdmin: 1 }
  }
  const { byAdmin } = await owner()
  const found = await refreshed(files, context, at, await whenOpen(files, context, at, lookup))
  const node = nodeAsFile(at.path, found.node)
  const { deadline } = (found.mountId === null ? context : afterWaiting(context)).scope
  const secret = randomBytes(24).toString('base64url')
  const password = facts.password === undefined ? null : await passwords.hash(facts.password, deadline)
  const link: LinkRecord = {
    tenant: at.tree,
    link_id: uuidv7(),
    secret_hash: hashSecret(secret),
    node_id: node.node_id,
    created_by_type: caller.subject.type,
    created_by_id: caller.subject.id,
    by_admin: byAdmin,
    password,
    created_at: now,
    expires_at: facts.expiresAt,
    max_access_count: facts.maxAccessCount,
    access_count: 0,
    revoked_at: null,
  }
  const audit = auditOf(context, 'create_share_link', at.path, link.link_id)
  await files.db.write('createShareLink', { link, audit }, { deadline })
  return { link, path: at.path, secret }
}

async function list(
  { files, rights }: ShareLinksOptions,
  context: CallContext,
  path: string | undefined,
): Promise<readonly ManagedLink[]> {
  const { caller, scope } = context
  const { deadline } = scope
  const mine = { type: caller.subject.type, id: caller.subject.id }
  const everything = administers(caller, caller.tenant)
  if (path === undefined) {
    const links = await files.db.read(() => linksOf(caller.tenant, { createdBy: everything ? undefined : mine }), {
      deadline,
    })
    return await Promise.all(
      links.map(async (link) => ({
        link,
        path: await files.db.read(() => pathOfNode(link.tenant, link.node_id), { deadline }),
      })),
    )
  }
  const at = resolveFilePath(path, caller.tenant)
  if (at.tree !== caller.tenant) return []
  const { node } = await whenOpen(files, context, at, lookup)
  if (node === null) return []
  const [owner] = await rights.owns(context, [{ type: 'file', id: at.path, written: path, graph: at.tree }])
  const only = { nodeId: node.node_id, createdBy: owner === true ? undefined : mine }
  const links = await files.db.read(() => linksOf(caller.tenant, only), { deadline })
  return links.map((link) => ({ link, path: at.path }))
}

function isMaker({ caller }: CallContext, { created_by_type: type, created_by_id: id }: LinkRecord): boolean {
  return isAboutCaller(caller, { tenant: '', type, id, relation: '' })
}

function auditOf(context: CallContext, action: string, path: string | null, linkId: string) {
  const { caller, now, requestId } = context
  return {
    tenant: caller.tenant,
    entryId: uuidv7(),
    at: now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId,
    action,
    path,
    outcome: 'ok' as const,
    detail: JSON.stringify({ link: linkId }),
  }
}
