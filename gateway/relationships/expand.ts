import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { PermissionSubject } from '../permissions/contract.ts'
import type { ObjectRelation } from '../permissions/insight.ts'
import type { ObjectName } from './object-name.ts'
import { requireOwner } from './ownership.ts'
import type { RelationshipsOptions } from './relationships.ts'

/** How many relations of objects are looked into for the types of subjects. */
const MAX_LOOKS = 2_000
/** How many of them at once. */
const WIDTH = 16

/**
 * Every subject that has a permission on an object, sorted: members of groups by their own names; `T:*` and `*:*` where
 * everybody has it. An administrator's bypass does not count.
 * @throws NexusError ACCESS_DENIED unless the caller owns the object, BUSY if too much hangs together
 */
export async function expandPermission(
  options: RelationshipsOptions,
  context: CallContext,
  permission: string,
  object: ObjectName,
): Promise<readonly PermissionSubject[]> {
  await requireOwner(options, context, 'rebac_expand', object)
  return await subjectsOf(options, context, permission, object)
}

/** As expandPermission, without a look at the caller's rights. */
export async function subjectsOf(
  { insight }: RelationshipsOptions,
  context: CallContext,
  permission: string,
  object: ObjectName,
): Promise<readonly PermissionSubject[]> {
  const { scope } = context
  const from = { objectType: object.type, objectId: object.id, relation: permission }
  const types = await typesOf({ insight }, context, object.graph, from)
  const found = await Promise.all(
    [...types].map((subjectType) => insight.subjects({ tenant: object.graph, ...from, subjectType }, scope)),
  )
  const byName = new Map(found.flat().map((subject) => [JSON.stringify(nameOf(subject)), subject]))
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, subject]) => subject)
}

/** The types of the subjects that a relation hangs on, over usersets and other objects. */
async function typesOf(
  { insight }: Pick<RelationshipsOptions, 'insight'>,
  { scope }: CallContext,
  tenant: string,
  from: ObjectRelation,
): Promise<ReadonlySet<string>> {
  const types = new Set(['user', 'agent'])
  const seen = new Set<string>()
  let open = [from]
  while (open.length > 0) {
    const looks = open.splice(0, WIDTH)
    const found = await Promise.all(looks.map((look) => insight.nearby({ tenant, ...look }, scope)))
    const subjects = found.flatMap((one) => one.subjects)
    for (const { type, relation } of subjects) if (relation === '' && type !== '*') types.add(type)
    const usersets = subjects
      .filter(({ relation }) => relation !== '')
      .map(({ type, id, relation }) => ({ objectType: type, objectId: id, relation }))
    for (const next of [...usersets, ...found.flatMap((one) => one.followed)]) {
      // No name contains U+0000.
      const key = [next.objectType, next.objectId, next.relation].join('\u0000')
      if (seen.has(key)) continue
      seen.add(key)
      open = [...open, next]
    }
    if (seen.size > MAX_LOOKS) {
      throw new NexusError('BUSY', `The permission hangs on more than ${MAX_LOOKS} relations of other objects.`)
    }
  }
  return types
}

/** [type, id]. A foreign subject carries its tenant: nobody else's id has a colon or a slash. */
export function nameOf({ tenant, type, id }: PermissionSubject): readonly [type: string, id: string] {
  return [type, tenant === '' ? id : `tenant:${tenant}/${id}`]
}
