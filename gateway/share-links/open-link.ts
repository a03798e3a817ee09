import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { PermissionScope } from '../permissions/contract.ts'
import { afterWaiting } from '../files/backing.ts'
import type { FileDownload, FileEntry } from '../files/contract.ts'
import { checkTime, type FileDeps, whenOpen } from '../files/deps.ts'
import { entryOf } from '../files/nodes.ts'
import { resolvePath, type TreePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { bringContent, fileOf, isSettled } from '../files/read.ts'
import {
  type AccessRecord,
  hashSecret,
  isStillAdmin,
  linkBySecret,
  type LinkRecord,
  pathOfNode,
  statusOf,
  ticketIsGood,
} from './link-record.ts'
import type { ShareLinksOptions } from './share-links.ts'

/** A ticket lets one access be downloaded, in parts too, for so long, in milliseconds. */
const TICKET_MS = 600_000

/** Somebody who comes with a link. */
export interface Visit {
  readonly scope: PermissionScope
  /** Milliseconds since 1970. */
  readonly now: number
  readonly ip: string
  readonly userAgent: string | null
  /** A caller with a key; null: anybody. */
  readonly accessedBy: string | null
}

/** What a link leads to. */
export interface Opened {
  readonly link: LinkRecord
  readonly entry: FileEntry
  readonly contentHash: string
}

/** Unknown, revoked, expired, used up, its file gone, or its maker without the right to share: all the same to a stranger. */
export function noLink(): NexusError {
  return new NexusError('FILE_NOT_FOUND', 'There is no such link, or it is not valid any more.')
}

/** What an active link leads to. Takes no access. @throws NexusError FILE_NOT_FOUND */
export async function findLink(options: ShareLinksOptions, visit: Visit, secret: string): Promise<Opened> {
  const link = await activeLink(options, visit, secret)
  return await behind(options, visit, link)
}

async function activeLink({ files }: ShareLinksOptions, visit: Visit, secret: string): Promise<LinkRecord> {
  const link = await files.db.read(() => linkBySecret(secret), { deadline: visit.scope.deadline })
  if (link === null || statusOf(link, visit.now) !== 'active') throw noLink()
  return link
}

/**
 * Takes one access of a link: its password is tested, the access is counted and noted.
 * @throws NexusError FILE_NOT_FOUND, ACCESS_DENIED for the password, BUSY after too many wrong ones
 */
export async function openLink(
  options: ShareLinksOptions,
  visit: Visit,
  secret: string,
  password: string | undefined,
): Promise<Opened & { readonly ticket: string }> {
  const link = await activeLink(options, visit, secret)
  await testPassword(options, visit, link, password)
  const ticket = randomBytes(24).toString('base64url')
  for (;;) {
    const opened = await behind(options, visit, link)
    const taken = await options.files.db.write(
      'takeAccess',
      {
        tenant: link.tenant,
        linkId: link.link_id,
        now: visit.now,
        nodeId: link.node_id,
        version: opened.entry.version,
        access: accessOf(visit, 'ok'),
        ticketHash: hashSecret(ticket),
      },
      // A back end may have been waited for.
      { group: `share-link ${link.link_id}`, deadline: afterWaiting(visit).scope.deadline },
    )
    if (taken === 'taken') return { ...opened, ticket }
    if (taken === 'ended') throw noLink()
    checkTime(visit)
  }
}

export interface DownloadFacts {
  readonly ticket?: string | undefined
  readonly password?: string | undefined
  /** Only what would come is asked for (HEAD), which is no access. */
  readonly headOnly?: boolean
}

/** The bytes behind a link: with the ticket of an access, or by taking one. @throws NexusError as openLink */
export async function downloadLink(
  options: ShareLinksOptions,
  visit: Visit,
  secret: string,
  by: DownloadFacts,
): Promise<FileDownload> {
  const opened = await openFor(options, visit, secret, by)
  const { entry, contentHash } = opened
  return { entry, bytes: (start, end) => options.files.contents.stream(contentHash, entry.size, start, end) }
}

async function openFor(
  options: ShareLinksOptions,
  visit: Visit,
  secret: string,
  { ticket, password, headOnly = false }: DownloadFacts,
): Promise<Opened> {
  if (ticket !== undefined) return await withTicket(options, visit, secret, ticket)
  if (!headOnly) return await openLink(options, visit, secret, password)
  const link = await activeLink(options, visit, secret)
  await testPassword(options, visit, link, password)
  return await behind(options, visit, link)
}

async function withTicket(options: ShareLinksOptions, visit: Visit, secret: string, ticket: string): Promise<Opened> {
  const { db } = options.files
  const { deadline } = visit.scope
  const link = await db.read(() => linkBySecret(secret), { deadline })
  // The access that it belongs to may have been the last one.
  if (link === null || ['revoked', 'expired'].includes(statusOf(link, visit.now))) throw noLink()
  const since = visit.now - TICKET_MS
  const good = await db.read(() => ticketIsGood(link.tenant, link.link_id, ticket, since), { deadline })
  if (!good) throw noLink()
  return await behind(options, visit, link)
}

async function testPassword(
  { files, passwords }: ShareLinksOptions,
  visit: Visit,
  link: LinkRecord,
  password: string | undefined,
): Promise<void> {
  if (link.password === null) return
  const wrong = new NexusError('ACCESS_DENIED', 'Access denied: the password of the link is missing or wrong')
  if (password === undefined) throw wrong
  const name = { tenant: link.tenant, linkId: link.link_id, now: visit.now }
  const { deadline } = visit.scope
  const wait = await files.db.write('takeGuess', name, { deadline })
  if (wait > 0) {
    throw new NexusError('BUSY', 'Too many wrong passwords were tried; try again in a quarter of an hour.', {
      data: { retry_after: Math.ceil(wait / 1_000) },
    })
  }
  if (await passwords.matches(password, link.password, deadline)) return
  await files.db.write('noteWrongPassword', { ...name, access: accessOf(visit, 'wrong_password') }, { deadline })
  throw wrong
}

/** The file, if whoever made the link may still share it. @throws NexusError FILE_NOT_FOUND, MOUNT_UNAVAILABLE */
async function behind(options: ShareLinksOptions, first: Visit, link: LinkRecord): Promise<Opened> {
  const { files } = options
  for (let visit = first; ; ) {
    const { deadline } = visit.scope
    const path = await files.db.read(() => pathOfNode(link.tenant, link.node_id), { deadline })
    if (path === null) throw noLink()
    const at = resolvePath(path, link.tenant)
    const before = await whenOpen(files, visit, at, lookup)
    if (!(await mayStillShare(options, visit, link, path))) throw noLink()
    if (before.mountId !== null) {
      await bring(files, visit, at, before.mountId)
      visit = afterWaiting(first)
    }
    const after = await whenOpen(files, visit, at, lookup)
    if (before.node?.node_id === link.node_id && isSettled(before.node, after.node)) {
      const node = fileOf(path, after.node)
      return { link, entry: entryOf(path, node), contentHash: node.content_hash }
    }
    // It was moved or written meanwhile.
    checkTime(first)
  }
}

/** As bringContent, but its errors say nothing of where the file is. */
async function bring(files: FileDeps, visit: Visit, at: TreePath, mountId: string): Promise<void> {
  try {
    await bringContent(files, visit, at, mountId)
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    const { reason } = error
    if (reason === 'TOO_LARGE') throw new NexusError(reason, 'The file is too large to be opened.', { cause: error })
    if (reason !== 'MOUNT_UNAVAILABLE') throw error
    throw new NexusError(reason, 'The storage that holds the file does not answer; try again later.', { cause: error })
  }
}

async function mayStillShare(
  { files, permissions, allowAdminBypass }: ShareLinksOptions,
  { scope, now }: Visit,
  link: LinkRecord,
  path: string,
): Promise<boolean> {
  const { tenant, created_by_type: type, created_by_id: id } = link
  if (link.by_admin === 1) {
    return allowAdminBypass && (await files.db.read(() => isStillAdmin(tenant, id, now), { deadline: scope.deadline }))
  }
  const question = {
    tenant,
    objectType: 'file',
    objectId: path,
    relation: 'execute',
    subject: { tenant: '', type, id, relation: '' },
    alsoAs: [],
    resolveInheritance: type === 'agent',
  }
  // Not by what the visitor is: conditions on the maker's own rights are not the visitor's to fulfil.
  const [owns] = await permissions.check([question], { ...scope, context: {} })
  return owns === true
}

function accessOf({ now, ip, userAgent, accessedBy }: Visit, outcome: AccessRecord['outcome']): AccessRecord {
  return { access_id: uuidv7(), at: now, outcome, ip, user_agent: userAgent, accessed_by: accessedBy }
}
