import { inParallel } from '../in-parallel.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { Permissions, RelationshipRow } from '../permissions/contract.ts'
import type { OutboxChange, OutboxEntry } from './entry.ts'

/** How long one call to the permission service may take, in milliseconds. */
const CALL_TIMEOUT_MS = 5_000

export interface ApplyContext {
  readonly db: GatewayDatabase
  readonly permissions: Permissions
}

/** Applies one entry. May be called again after any failure: each change has its idempotency key. */
export async function applyEntry(context: ApplyContext, entry: OutboxEntry): Promise<void> {
  const tasks = entry.changes.map((change, index) => ({
    kind: change.kind,
    run: () => applyChange(context, entry, change, `${entry.entryId}:${index}`),
  }))
  while (tasks.length > 0) {
    const [next] = tasks
    const end = tasks.findIndex(({ kind }) => kind !== next?.kind || !COMMUTING.has(kind))
    await inParallel(tasks.splice(0, end === -1 ? tasks.length : Math.max(1, end)).map(({ run }) => run))
  }
}

/** Several of one of these in one entry are about paths none of which lies below another: their order plays no part. */
const COMMUTING: ReadonlySet<OutboxChange['kind']> = new Set(['own', 'forget'])

async function applyChange(
  context: ApplyContext,
  entry: OutboxEntry,
  change: OutboxChange,
  key: string,
): Promise<void> {
  const { permissions } = context
  const common = { tenant: entry.tenant, idempotencyKey: key, deadline: Date.now() + CALL_TIMEOUT_MS }
  switch (change.kind) {
    case 'own':
      await permissions.write({ ...common, operations: [{ kind: 'touch', relationship: ownership(change) }] })
      return
    case 'move':
      await permissions.move({ ...common, objectType: 'file', fromId: change.from, toId: change.to })
      return
    case 'write':
      await permissions.write({ ...common, operations: change.operations })
      return
    case 'deleteMatching':
      await permissions.deleteMatching({ ...common, filter: change.filter })
      return
    case 'forget':
      await keepAndForget(context, common, change)
      return
    default:
      throw new Error(`unknown change ${(change satisfies never as OutboxChange).kind}`)
  }
}

type Common = { readonly tenant: string; readonly idempotencyKey: string; readonly deadline: number }

async function forget(permissions: Permissions, common: Common, path: string): Promise<void> {
  const { tenant, deadline, idempotencyKey } = common
  await Promise.all([
    permissions.deleteMatching({
      ...common,
      idempotencyKey: `${idempotencyKey}:self`,
      filter: { objectType: 'file', objectId: path },
    }),
    permissions.deleteMatching({
      ...common,
      idempotencyKey: `${idempotencyKey}:below`,
      filter: { objectType: 'file', objectIdPrefix: `${path}/` },
    }),
    forgetSubjects(permissions, tenant, path, deadline),
  ])
}

/** Files are hardly ever subjects, and no filter selects subjects by prefix: what there is is read and chosen here. */
async function forgetSubjects(permissions: Permissions, tenant: string, path: string, deadline: number): Promise<void> {
  const rows = await permissions.read({ tenant, filter: { subjectTenant: '', subjectType: 'file' }, deadline })
  const doomed = rows.filter(({ subject }) => subject.id === path || subject.id.startsWith(`${path}/`))
  if (doomed.length === 0) return
  // No key: deleting what is gone already changes nothing, and a second attempt may find other rows.
  await permissions.write({
    tenant,
    operations: doomed.map((row) => ({ kind: 'deleteIfExists', relationship: row })),
    idempotencyKey: null,
    deadline,
  })
}

async function keepAndForget(
  context: ApplyContext,
  common: Common,
  change: Extract<OutboxChange, { kind: 'forget' }>,
): Promise<void> {
  const { path, trashId } = change
  const { tenant } = common
  if (trashId === null) return await forget(context.permissions, common, path)
  const rows = await relationshipsBelow(context.permissions, common, path)
  // That there was nothing is kept too: a later attempt may find what belongs to a new file of this name.
  const kept = context.db.write(
    'keepTrashedRelationships',
    { tenant, trashId, relationships: JSON.stringify(rows) },
    { group: tenant },
  )
  if (rows.length > 0) await kept
  await Promise.all([kept, forget(context.permissions, common, path)])
}

async function relationshipsBelow(
  permissions: Permissions,
  common: Common,
  path: string,
): Promise<readonly RelationshipRow[]> {
  const { tenant, deadline } = common
  const filters = [{ objectId: path }, { objectIdPrefix: `${path}/` }]
  const found = await Promise.all(
    filters.map((filter) => permissions.read({ tenant, filter: { objectType: 'file', ...filter }, deadline })),
  )
  return found.flat()
}

function ownership(change: Extract<OutboxChange, { kind: 'own' }>) {
  return {
    objectType: 'file',
    objectId: change.path,
    relation: 'direct_owner',
    subject: change.subject,
    expiresAt: null,
    attributes: null,
    conditionName: '',
    conditionContext: null,
  }
}
