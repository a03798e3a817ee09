import { inParallel } from '../in-parallel.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { Permissions } from '../permissions/contract.ts'
import type { OutboxChange, OutboxEntry } from './entry.ts'
import { keepAndForget } from './forget.ts'
import { move } from './move.ts'
import { CALL_TIMEOUT_MS, writeParts } from './write-parts.ts'

export interface ApplyContext {
  readonly db: GatewayDatabase
  readonly permissions: Permissions
}

/** What the calls of one change have in common. */
export interface ChangeScope {
  readonly tenant: string
  /** Of the entry that the change belongs to. */
  readonly seq: number
  readonly idempotencyKey: string
  /** Milliseconds since 1970. */
  readonly deadline: number
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
  const { tenant, seq } = entry
  const common: ChangeScope = { tenant, seq, idempotencyKey: key, deadline: Date.now() + CALL_TIMEOUT_MS }
  switch (change.kind) {
    case 'own':
      await permissions.write({ ...common, operations: [{ kind: 'touch', relationship: ownership(change) }] })
      return
    case 'move':
      await move(context, common, change)
      return
    case 'write':
      await writeParts(permissions, common, change.operations)
      return
    case 'deleteMatching':
      await permissions.deleteMatching({ ...common, tenant: change.graph ?? entry.tenant, filter: change.filter })
      return
    case 'forget':
      await keepAndForget(context, common, change)
      return
    default:
      throw new Error(`unknown change ${(change satisfies never as OutboxChange).kind}`)
  }
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
