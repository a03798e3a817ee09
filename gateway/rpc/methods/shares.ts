import { z } from 'zod'
import type { CallContext } from '../../context.ts'
import { objectName, refuseServerTree } from '../../relationships/object-name.ts'
import { levelOf, SHARE_LEVELS } from '../../sharing/levels.ts'
import type { FoundShare } from '../../sharing/list-shares.ts'
import { checkTenantName, recipientOf } from '../../sharing/recipient.ts'
import { requireTenant, sharedResource } from '../../sharing/resource.ts'
import type { Shares } from '../../sharing/shares.ts'
import { CACHE, defineMethod, type Method, type MethodExample } from '../method.ts'
import { ignored, instant, line, optional, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const MAX_PAGE = 10_000

const name = line.min(1)
const resource = z.tuple([name, name])
const level = withDefault(z.enum(SHARE_LEVELS), 'viewer')
const page = {
  limit: withDefault(z.int().min(1).max(MAX_PAGE), 100),
  offset: withDefault(z.int().min(0), 0),
}
const PLAN = ['file', '/tenant:default/user:admin/plan.txt']
const BEFORE = [['write', { path: PLAN[1], content: 'The plan' }]] as const
const SHARED = [...BEFORE, ['share_with_user', { resource: PLAN, user_id: 'alice' }]] as const

/** The methods about what is shared (nexus-api.md 2.7). */
export function shareMethods(shares: Shares): Method[] {
  return [
    shareWithUser(shares),
    shareWithGroup(shares),
    revokeShare(shares),
    revokeShareById(shares),
    listOutgoing(shares),
    listIncoming(shares),
    makePublic(shares),
    makePrivate(shares),
  ]
}

function shareWithUser(shares: Shares): Method {
  return defineMethod({
    name: 'share_with_user',
    params: z.strictObject({
      resource,
      user_id: name,
      relation: level,
      tenant_id: optional(name),
      user_tenant_id: optional(name),
      expires_at: optional(instant),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    handle(params, context) {
      const object = sharedIn(context, params)
      const recipient = recipientOf('user_id', params.user_id)
      const home = params.user_tenant_id ?? object.graph
      checkTenantName('user_tenant_id', home)
      return shares.share(context, {
        object,
        recipient: { ...recipient, tenant: home === object.graph ? '' : home, relation: '' },
        level: params.relation,
        expiresAt: params.expires_at ?? null,
      })
    },
    docs: docs('Shares a file or directory with a user, who may be of another tenant', {
      before: BEFORE,
      params: { resource: PLAN, user_id: 'alice', relation: 'viewer', expires_at: '2099-01-01T00:00:00Z' },
    }),
  })
}

function shareWithGroup(shares: Shares): Method {
  return defineMethod({
    name: 'share_with_group',
    params: z.strictObject({
      resource,
      group_id: name,
      relation: level,
      tenant_id: optional(name),
      group_tenant_id: optional(name),
      expires_at: optional(instant),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    handle(params, context) {
      const object = sharedIn(context, params)
      const recipient = { tenant: params.group_tenant_id ?? object.graph, type: 'group', id: params.group_id }
      checkTenantName('group_tenant_id', recipient.tenant)
      return shares.share(context, {
        object,
        recipient: {
          ...recipient,
          id: recipient.id.normalize('NFC'),
          tenant: recipient.tenant === object.graph ? '' : recipient.tenant,
          relation: 'member',
        },
        level: params.relation,
        expiresAt: params.expires_at ?? null,
      })
    },
    docs: docs("Shares a file or directory with the members of one of the tenant's groups", {
      before: BEFORE,
      params: { resource: PLAN, group_id: 'engineering', relation: 'editor' },
    }),
  })
}

function revokeShare(shares: Shares): Method {
  return defineMethod({
    name: 'revoke_share',
    params: z.strictObject({ resource, user_id: name, user_tenant_id: optional(name), context: ignored }),
    cacheControl: CACHE.none,
    handle(params, context) {
      const object = sharedResource(context, params.resource)
      const { user_tenant_id: home } = params
      if (home !== undefined) checkTenantName('user_tenant_id', home)
      const tenant = home === object.graph ? '' : home
      return shares.revoke(context, { object, ...recipientOf('user_id', params.user_id), tenant })
    },
    docs: docs('Takes back whatever a file or directory is shared with a user', {
      before: SHARED,
      params: { resource: PLAN, user_id: 'alice' },
    }),
  })
}

function revokeShareById(shares: Shares): Method {
  return defineMethod({
    name: 'revoke_share_by_id',
    params: z.strictObject({ share_id: name, context: ignored }),
    cacheControl: CACHE.none,
    handle: (params, context) => shares.revokeById(context, params.share_id),
    docs: docs('Takes back one share; false where there is none', {
      params: { share_id: '01890000-0000-7000-8000-000000000000' },
    }),
  })
}

function listOutgoing(shares: Shares): Method {
  return defineMethod({
    name: 'list_outgoing_shares',
    params: z.strictObject({
      resource: optional(resource),
      tenant_id: optional(name),
      ...page,
      context: ignored,
    }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const tenant = requireTenant(context, params.tenant_id)
      const object = params.resource === undefined ? null : sharedResource(context, params.resource)
      const found = await shares.listOutgoing(context, tenant, object)
      return found.slice(params.offset, params.offset + params.limit).map((one) => ({
        ...present(one),
        recipient_id: one.row.subject.id,
        recipient_type: one.row.subject.type,
        recipient_tenant_id: one.row.subject.tenant === '' ? one.tenant : one.row.subject.tenant,
      }))
    },
    docs: docs('Lists what the caller shares, the newest first', { before: SHARED, params: { resource: PLAN } }),
  })
}

function listIncoming(shares: Shares): Method {
  return defineMethod({
    name: 'list_incoming_shares',
    params: z.strictObject({ user_id: optional(name), ...page, context: ignored }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const { subject } = context.caller
      const recipient = params.user_id === undefined ? subject : recipientOf('user_id', params.user_id)
      const found = await shares.listIncoming(context, { type: recipient.type, id: recipient.id })
      return found
        .slice(params.offset, params.offset + params.limit)
        .map((one) => ({ ...present(one), owner_tenant_id: one.tenant }))
    },
    docs: docs('Lists what is shared with the caller by name, from all tenants, the newest first', {
      params: { user_id: 'admin' },
    }),
  })
}

function makePublic(shares: Shares): Method {
  return defineMethod({
    name: 'make_public',
    params: z.strictObject({ resource, tenant_id: optional(name), context: ignored }),
    cacheControl: CACHE.none,
    handle(params, context) {
      requireTenant(context, params.tenant_id)
      return shares.makePublic(context, publicResource(context, params.resource))
    },
    docs: docs('Opens something to every authenticated caller of every tenant', {
      before: BEFORE,
      params: { resource: PLAN },
    }),
  })
}

function makePrivate(shares: Shares): Method {
  return defineMethod({
    name: 'make_private',
    params: z.strictObject({ resource, tenant_id: optional(name), context: ignored }),
    cacheControl: CACHE.none,
    handle(params, context) {
      requireTenant(context, params.tenant_id)
      return shares.makePrivate(context, publicResource(context, params.resource))
    },
    docs: docs('Ends that something is public; other rights stay', {
      before: [...BEFORE, ['make_public', { resource: PLAN }]],
      params: { resource: PLAN },
    }),
  })
}

function docs(summary: string, example: MethodExample) {
  return { summary, example }
}

/** The resource of a share in the tenant that may be named. */
function sharedIn(
  context: CallContext,
  params: { readonly resource: readonly [string, string]; readonly tenant_id?: string | undefined },
) {
  requireTenant(context, params.tenant_id)
  return sharedResource(context, params.resource)
}

function publicResource({ caller }: CallContext, [type, id]: readonly [string, string]) {
  const object = objectName(type, id, caller.tenant)
  refuseServerTree(object)
  return object
}

function present({ row }: FoundShare) {
  return {
    share_id: row.id,
    resource_type: row.objectType,
    resource_id: row.objectId,
    permission_level: levelOf(row.relation),
    created_at: isoTime(row.createdAt),
    expires_at: row.expiresAt === null ? null : isoTime(row.expiresAt),
  }
}
