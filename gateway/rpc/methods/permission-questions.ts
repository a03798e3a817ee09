import { z } from 'zod'
import type { CallContext } from '../../context.ts'
import { nameOf } from '../../relationships/expand.ts'
import { objectName, refuseServerTree } from '../../relationships/object-name.ts'
import { presentStep } from '../../relationships/present-explanation.ts'
import type { RebacOptions } from '../../relationships/rebac-options.ts'
import type { Relationships } from '../../relationships/relationships.ts'
import type { CallLimits } from '../limits.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, instant, line, many, optional, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'
import { presentRow } from './relationship-answers.ts'

const name = line.min(1)
const pair = z.tuple([name, name])
const subject = z.union([pair, z.tuple([name, name, line.nullable()])])
const HOME = ['file', '/tenant:default/user:admin']

/** Methods that ask what relationships come to, and let people be discovered. */
export function permissionQuestionMethods(
  relationships: Relationships,
  options: RebacOptions,
  limits: CallLimits,
): Method[] {
  return [
    checkBatch(relationships, limits),
    expand(relationships),
    expandWithPrivacy(relationships),
    explain(relationships, options),
    ...consent(relationships),
    ...optionMethods(options),
  ]
}

function checkBatch(relationships: Relationships, limits: CallLimits): Method {
  return defineMethod({
    name: 'rebac_check_batch',
    params: z.strictObject({
      checks: many(z.tuple([subject, name, pair]), limits),
      tenant_id: ignored,
      context: ignored,
    }),
    cacheControl: CACHE.revalidate,
    handle: (params, context) =>
      relationships.checkBatch(
        context,
        params.checks.map(([who, permission, object]) => factsOf(context, who, permission, object)),
      ),
    docs: {
      summary: 'Answers many questions as rebac_check does, in their order',
      example: { params: { checks: [[['user', 'admin'], 'read', HOME]] } },
    },
  })
}

function expand(relationships: Relationships): Method {
  return defineMethod({
    name: 'rebac_expand',
    params: z.strictObject({ permission: name, object: pair, tenant_id: ignored, context: ignored }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const object = objectOf(context, params.object)
      const found = await relationships.expand(context, params.permission.normalize('NFC'), object)
      return found.map(nameOf)
    },
    docs: {
      summary: 'Lists everybody who has a permission on an object',
      example: { params: { permission: 'read', object: HOME } },
    },
  })
}

function expandWithPrivacy(relationships: Relationships): Method {
  return defineMethod({
    name: 'rebac_expand_with_privacy',
    params: z.strictObject({
      permission: name,
      object: pair,
      respect_consent: withDefault(z.boolean(), true),
      requester: optional(pair),
      tenant_id: ignored,
      context: ignored,
    }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const [type, id] = params.requester ?? [context.caller.subject.type, context.caller.subject.id]
      const found = await relationships.expandWithPrivacy(context, {
        permission: params.permission.normalize('NFC'),
        object: objectOf(context, params.object),
        respectConsent: params.respect_consent,
        requester: { tenant: '', type, id, relation: '' },
      })
      return found.map(nameOf)
    },
    docs: {
      summary: 'Lists who has a permission on an object, as far as they consented to be known',
      example: { params: { permission: 'read', object: HOME } },
    },
  })
}

function explain(relationships: Relationships, options: RebacOptions): Method {
  return defineMethod({
    name: 'rebac_explain',
    params: z.strictObject({ subject, permission: name, object: pair, tenant_id: ignored, context: ignored }),
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const facts = factsOf(context, params.subject, params.permission, params.object)
      const set = await options.read(context)
      const { allowed, root } = await relationships.explain(context, facts, set.max_depth)
      const path = root === null ? null : presentStep(root, (row) => presentRow(row, facts.object.graph))
      const who = `${facts.subject.type}:${facts.subject.id}`
      const what = `${facts.object.type}:${facts.object.id}`
      return {
        result: allowed,
        cached: false,
        reason:
          root?.outcome === 'error'
            ? `it could not be decided whether ${who} has '${facts.permission}' on ${what}: ${root.message}`
            : `${who} ${allowed ? 'has' : 'does not have'} '${facts.permission}' on ${what}`,
        paths: path === null ? [] : [path],
        successful_path: allowed ? path : null,
        metadata: {
          timestamp: isoTime(context.now),
          request_id: context.requestId,
          max_depth: set.max_depth,
          cache_ttl_seconds: set.cache_ttl,
        },
      }
    },
    docs: {
      summary: 'Tells why rebac_check answers as it does',
      example: { params: { subject: ['user', 'admin'], permission: 'read', object: HOME } },
    },
  })
}

function consent(relationships: Relationships): Method[] {
  const people = { from_subject: pair, to_subject: pair, tenant_id: ignored, context: ignored }
  const both = (context: CallContext, params: { from_subject: [string, string]; to_subject: [string, string] }) => ({
    from: objectName(...params.from_subject, context.caller.tenant),
    to: objectName(...params.to_subject, context.caller.tenant),
  })
  const example = { from_subject: ['user', 'admin'], to_subject: ['user', 'alice'] }
  return [
    defineMethod({
      name: 'grant_consent',
      params: z.strictObject({ ...people, expires_at: optional(instant) }),
      cacheControl: CACHE.none,
      handle: (params, context) =>
        relationships.grantConsent(context, { ...both(context, params), expiresAt: params.expires_at ?? null }),
      docs: { summary: 'Lets somebody discover the caller among those who have rights', example: { params: example } },
    }),
    defineMethod({
      name: 'revoke_consent',
      params: z.strictObject(people),
      cacheControl: CACHE.none,
      handle: (params, context) => relationships.revokeConsent(context, both(context, params)),
      docs: { summary: 'Takes a consent back', example: { before: [['grant_consent', example]], params: example } },
    }),
  ]
}

function optionMethods(options: RebacOptions): Method[] {
  const key = z.enum(['max_depth', 'cache_ttl'])
  return [
    defineMethod({
      name: 'get_rebac_option',
      params: z.strictObject({ key, context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: async (params, context) => (await options.read(context))[params.key],
      docs: {
        summary: "Reads one of the tenant's options about permissions",
        example: { params: { key: 'max_depth' } },
      },
    }),
    defineMethod({
      name: 'set_rebac_option',
      params: z.strictObject({ key, value: z.int().min(0), context: ignored }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        await options.set(context, params.key, params.value)
        return null
      },
      docs: {
        summary: "Sets one of the tenant's options about permissions",
        example: { params: { key: 'max_depth', value: 0 } },
      },
    }),
  ]
}

function factsOf(
  { caller }: CallContext,
  [type, id, relation]: z.output<typeof subject>,
  permission: string,
  object: readonly [string, string],
) {
  const named = objectName(type, id, caller.tenant)
  return {
    subject: { tenant: '', type: named.type, id: named.id, relation: (relation ?? '').normalize('NFC') },
    permission: permission.normalize('NFC'),
    object: objectName(...object, caller.tenant),
  }
}

function objectOf({ caller }: CallContext, [type, id]: readonly [string, string]) {
  const object = objectName(type, id, caller.tenant)
  refuseServerTree(object)
  return object
}
