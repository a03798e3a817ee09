import type { TreePath } from '../../files/paths.ts'
import type { OutboxChange } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import type { RestorePlan } from './plan-restore.ts'

/** What was known of what went is forgotten; what was made gets its owner, unless that is owner of the directory made for it. */
export function changesOfPlan(
  { at, owner }: { readonly at: TreePath; readonly owner: PermissionSubject | null },
  plan: RestorePlan,
): readonly OutboxChange[] {
  const forgotten = plan.removed.map(
    ({ path, node_id }): OutboxChange => ({ kind: 'forget', path: `${at.path}/${path}`, trashId: node_id }),
  )
  if (owner === null) return forgotten
  const owned = new Set<string>()
  const owners: OutboxChange[] = []
  for (const { parentId, wanted } of plan.created) {
    if (wanted.kind === 'directory' && wanted.implicit && !owned.has(parentId)) continue
    owned.add(wanted.nodeId)
    if (!owned.has(parentId)) owners.push({ kind: 'own', path: `${at.path}/${wanted.path}`, subject: owner })
  }
  return [...forgotten, ...owners]
}
