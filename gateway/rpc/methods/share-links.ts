import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../../context.ts'
import type { ShareLinks } from '../../share-links/share-links.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, instant, line, optional, path, text, withDefault } from '../parameters.ts'
import { presentAccess, presentLink, presentLinked } from './share-link-answers.ts'

const MAX_PAGE = 1_000
const HOUR_MS = 3_600_000

const linkId = line.min(1).max(128)
const password = optional(text.min(1).max(256))
const FILE = '/tenant:default/user:admin/plan.txt'
const BEFORE = [['write', { path: FILE, content: 'The plan' }]] as const
const MADE = [...BEFORE, ['create_share_link', { path: FILE }]] as const
const EXAMPLE = { before: MADE, params: { link_id: '<1.link_id>' } }

/** The methods about links by which anybody reads a file. */
export function shareLinkMethods(links: ShareLinks): Method[] {
  return [create(links), ...manage(links), access(links)]
}

function create(links: ShareLinks): Method {
  return defineMethod({
    name: 'create_share_link',
    params: z.strictObject({
      path,
      permission_level: withDefault(z.literal('viewer'), 'viewer'),
      password,
      expires_at: optional(instant),
      expires_in_hours: optional(z.number().positive().max(876_000)),
      max_access_count: optional(z.int().min(1).max(1_000_000_000)),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const { expires_at: at, expires_in_hours: hours } = params
      if (at !== undefined && hours !== undefined) {
        throw new NexusError('INVALID_PARAMS', "give 'expires_at' or 'expires_in_hours', not both")
      }
      const made = await links.create(context, {
        path: params.path,
        password: params.password,
        expiresAt: at ?? (hours === undefined ? null : context.now + Math.round(hours * HOUR_MS)),
        maxAccessCount: params.max_access_count ?? null,
      })
      return { ...presentLink(made, made.secret, context.now), share_url: `/api/share/${made.secret}` }
    },
    docs: {
      summary: 'Makes a link by which anybody reads a file',
      example: { before: BEFORE, params: { path: FILE, expires_in_hours: 24, max_access_count: 10 } },
    },
  })
}

function manage(links: ShareLinks): Method[] {
  return [
    defineMethod({
      name: 'get_share_link',
      params: z.strictObject({ link_id: linkId, context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const found = await links.find(context, params.link_id)
        return found === null ? null : presentLink(found, params.link_id, context.now)
      },
      docs: { summary: 'Reads a link that the caller manages, or null', example: EXAMPLE },
    }),
    defineMethod({
      name: 'list_share_links',
      params: z.strictObject({
        path: optional(path),
        include_revoked: withDefault(z.boolean(), false),
        include_expired: withDefault(z.boolean(), false),
        limit: withDefault(z.int().min(1).max(MAX_PAGE), 100),
        offset: withDefault(z.int().min(0), 0),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const found = await links.list(context, params.path)
        return found
          .map((one) => presentLink(one, one.link.link_id, context.now))
          .filter(({ status }) => {
            if (status === 'revoked') return params.include_revoked
            return status === 'active' || params.include_expired
          })
          .slice(params.offset, params.offset + params.limit)
      },
      docs: {
        summary: 'Lists the links that the caller manages, the newest first, without what opens them',
        example: { before: MADE, params: { path: FILE } },
      },
    }),
    defineMethod({
      name: 'revoke_share_link',
      params: z.strictObject({ link_id: linkId, context: ignored }),
      cacheControl: CACHE.none,
      handle: (params, context) => links.revoke(context, params.link_id),
      docs: { summary: 'Ends a link at once; false where there is none to end', example: EXAMPLE },
    }),
    defineMethod({
      name: 'get_share_link_access_logs',
      params: z.strictObject({
        link_id: linkId,
        limit: withDefault(z.int().min(1).max(MAX_PAGE), 100),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const found = await links.accesses(context, params.link_id, params.limit)
        return (found ?? []).map(presentAccess)
      },
      docs: { summary: 'Lists who came with a link, the latest first', example: EXAMPLE },
    }),
  ]
}

function access(links: ShareLinks): Method {
  return defineMethod({
    name: 'access_share_link',
    params: z.strictObject({
      link_id: linkId,
      password,
      // Both are known from the request.
      ip_address: ignored,
      user_agent: ignored,
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const opened = await links.open(visitOf(context), params.link_id, params.password)
      return presentLinked(opened, params.link_id)
    },
    docs: { summary: 'Takes an access of a link, and says where its file can be downloaded', example: EXAMPLE },
  })
}

function visitOf({ caller, scope, now }: CallContext) {
  const { ip } = scope.context
  return {
    scope: { ...scope, context: {} },
    now,
    ip: typeof ip === 'string' ? ip : '',
    userAgent: null,
    accessedBy: `${caller.tenant}/${actorName(caller)}`,
  }
}
