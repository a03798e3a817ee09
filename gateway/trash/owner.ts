import type { CallContext } from '../context.ts'
import type { FileDeps } from '../files/deps.ts'
import { parentPath, SERVER_TREE } from '../files/paths.ts'
import type { RelationshipRow } from '../permissions/contract.ts'
import { keptRelationships, type TrashRow } from './trash-rows.ts'

const OWNING: ReadonlySet<string> = new Set(['direct_owner', 'shared-owner'])

/**
 * Whether the caller owns what is in the trash: as administrator, as owner of the directory where it stood, or by a
 * relationship of before.
 */
export async function isOrWasOwner(deps: FileDeps, context: CallContext, row: TrashRow): Promise<boolean> {
  const { tenant: tree, path, trash_id: trashId } = row
  if (deps.guard.bypasses(context, tree)) return true
  const [owns] = await deps.guard.ask(context, tree, [{ path: parentPath(path), access: 'execute' }])
  if (owns === true || tree === SERVER_TREE) return owns === true
  const kept = await deps.db.read(() => keptRelationships(tree, trashId), { deadline: context.scope.deadline })
  const owners = (kept ?? []).filter((one) => isOwning(one, path, context.now)).map(({ subject }) => subject)
  const { subject, tenant } = context.caller
  const home = tree === tenant ? '' : tenant
  if (owners.some(({ type, id, relation, ...one }) => isSame(subject, type, id, relation) && one.tenant === home))
    return true
  // A right that was given to a group, or to those who have a relation on it, serves those who are members today.
  const groups = owners.filter(
    ({ type, relation, ...one }) => one.tenant === '' && (relation !== '' || type === 'group'),
  )
  const asked = groups.map(({ type, id, relation }) => ({
    objectType: type,
    objectId: id,
    relation: relation === '' ? 'member' : relation,
  }))
  return (await deps.guard.holds(context, tree, asked)).includes(true)
}

function isOwning(
  { objectType, objectId, relation, expiresAt, conditionName }: RelationshipRow,
  path: string,
  now: number,
) {
  const live = expiresAt === null || expiresAt > now
  return objectType === 'file' && objectId === path && OWNING.has(relation) && live && conditionName === ''
}

function isSame(subject: CallContext['caller']['subject'], type: string, id: string, relation: string): boolean {
  return relation === '' && type === subject.type && id === subject.id
}
