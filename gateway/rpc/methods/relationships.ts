import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { JsonObject } from '../../../services/common/json.ts'
import type { RelationshipRowFilter } from '../../permissions/contract.ts'
import { type ObjectName, objectName } from '../../relationships/object-name.ts'
import type { Relationships } from '../../relationships/relationships.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, instant, line, optional } from '../parameters.ts'
import { presentRow } from './relationship-answers.ts'

const name = line.min(1)
const object = z.tuple([name, name])
/** [type, id], or [type, id, relation] for everyone who has the relation there. */
const subject = z.union([object, z.tuple([name, name, line.nullable()])])

/** The methods of nexus-api.md 2.7. A tenant_id is never believed: the key says which tenant it is. */
export function relationshipMethods(relationships: Relationships): Method[] {
  return [
    createMethod(relationships),
    checkMethod(relationships),
    deleteMethod(relationships),
    listMethod(relationships),
  ]
}

function createMethod(relationships: Relationships): Method {
  return defineMethod({
    name: 'rebac_create',
    docs: {
      summary: 'Create a relationship, such as a right to a file',
      example: {
        params: {
          subject: ['user', 'alice'],
          relation: 'direct_viewer',
          object: ['file', '/tenant:default/user:admin/workspace/ws_my_workspace/README.md'],
        },
      },
    },
    params: z.strictObject({
      subject,
      relation: name,
      object,
      expires_at: optional(instant),
      tenant_id: ignored,
      column_config: optional(z.record(z.string(), z.json())),
      conditions: optional(z.record(z.string(), z.json())),
      context: ignored,
    }),
    cacheControl: CACHE.revalidate,
    handle(params, context) {
      const { tenant } = context.caller
      const [subjectType, subjectId, subjectRelation] = params.subject
      return relationships.create(context, {
        subject: objectName(subjectType, subjectId, tenant),
        subjectRelation: (subjectRelation ?? '').normalize('NFC'),
        relation: params.relation.normalize('NFC'),
        object: objectName(...params.object, tenant),
        expiresAt: params.expires_at ?? null,
        columnConfig: params.column_config as JsonObject | undefined,
        conditions: params.conditions as JsonObject | undefined,
      })
    },
  })
}

function checkMethod(relationships: Relationships): Method {
  return defineMethod({
    name: 'rebac_check',
    docs: {
      summary: 'Whether a subject has a permission on an object',
      example: {
        params: {
          subject: ['user', 'alice'],
          permission: 'read',
          object: ['file', '/tenant:default/user:admin/workspace/ws_my_workspace/README.md'],
        },
      },
    },
    params: z.strictObject({ subject, permission: name, object, tenant_id: ignored, context: ignored }),
    cacheControl: CACHE.revalidate,
    handle(params, context) {
      const { tenant } = context.caller
      const [type, id, relation] = params.subject
      return relationships.check(context, {
        subject: subjectOf(objectName(type, id, tenant), relation),
        permission: params.permission.normalize('NFC'),
        object: objectName(...params.object, tenant),
      })
    },
  })
}

function subjectOf({ type, id }: ObjectName, relation: string | null | undefined) {
  return { tenant: '', type, id, relation: (relation ?? '').normalize('NFC') }
}

function deleteMethod(relationships: Relationships): Method {
  return defineMethod({
    name: 'rebac_delete',
    docs: {
      summary: 'Delete a relationship',
      example: {
        before: [
          [
            'rebac_create',
            {
              subject: ['user', 'bob'],
              relation: 'direct_viewer',
              object: ['file', '/tenant:default/user:admin/workspace/ws_my_workspace/README.md'],
            },
          ],
        ],
        params: { tuple_id: '<0>' },
      },
    },
    params: z.strictObject({ tuple_id: name, context: ignored }),
    cacheControl: CACHE.revalidate,
    handle: (params, context) => relationships.delete(context, params.tuple_id),
  })
}

const listParams = z.strictObject({
  subject: optional(subject),
  relation: optional(name),
  relation_in: optional(z.array(name).max(100)),
  object: optional(object),
  subject_type: optional(name),
  subject_id: optional(name),
  object_type: optional(name),
  object_id: optional(name),
  tenant_id: ignored,
  context: ignored,
})

function listMethod(relationships: Relationships): Method {
  return defineMethod({
    name: 'rebac_list_tuples',
    docs: {
      summary: 'The relationships that the caller may know of',
      example: { params: { object: ['file', '/tenant:default/user:admin/workspace/ws_my_workspace/README.md'] } },
    },
    params: listParams,
    cacheControl: CACHE.revalidate,
    async handle(params, context) {
      const { tenant } = context.caller
      const { graph, filter } = filterOf(params, tenant)
      if (filter.relations?.length === 0) return []
      const rows = await relationships.list(context, graph, filter)
      return rows.map((row) => presentRow(row, graph))
    },
  })
}

function filterOf(
  params: z.output<typeof listParams>,
  tenant: string,
): { graph: string; filter: RelationshipRowFilter } {
  const subjectType = agreed('subject_type', params.subject?.[0], params.subject_type)
  const subjectId = agreed('subject_id', params.subject?.[1], params.subject_id)
  const subjectRelation = params.subject?.[2] ?? undefined
  const objectType = agreed('object_type', params.object?.[0], params.object_type)
  const objectId = agreed('object_id', params.object?.[1], params.object_id)
  const found = objectId === undefined ? null : objectName(objectType ?? '', objectId, tenant)
  return {
    graph: found?.graph ?? tenant,
    filter: {
      ...(objectType === undefined ? {} : { objectType: objectType.normalize('NFC') }),
      ...(found === null ? {} : { objectId: found.id }),
      ...relationsOf(params.relation, params.relation_in),
      ...(subjectType === undefined ? {} : { subjectType: subjectType.normalize('NFC') }),
      ...(subjectId === undefined ? {} : { subjectId: objectName(subjectType ?? '', subjectId, tenant).id }),
      ...(subjectRelation === undefined ? {} : { subjectRelation: subjectRelation.normalize('NFC') }),
    },
  }
}

/** The same fact may be given in two ways. @throws NexusError INVALID_PARAMS if they differ */
function agreed(parameter: string, fromPair: string | undefined, alone: string | undefined): string | undefined {
  if (fromPair !== undefined && alone !== undefined && fromPair !== alone) {
    throw new NexusError('INVALID_PARAMS', `parameter '${parameter}' contradicts the pair that was given as well`)
  }
  return fromPair ?? alone
}

function relationsOf(
  one: string | undefined,
  several: readonly string[] | undefined,
): { readonly relations?: readonly string[] } {
  if (several === undefined) return one === undefined ? {} : { relations: [one.normalize('NFC')] }
  const all = several.map((relation) => relation.normalize('NFC'))
  return { relations: one === undefined ? all : all.filter((relation) => relation === one.normalize('NFC')) }
}
