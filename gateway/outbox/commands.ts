import { first, run, type Script } from '../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../audit/commands.ts'
import { deleteApplied, lockTenant, takeLease } from './scripts.ts'

export const outboxCommands = {
  /** Takes or renews a tenant's lease; false if another process holds it. */
  *leaseOutbox(request: { readonly tenant: string; readonly owner: string; readonly now: number }): Script<boolean> {
    // First the tenant and then the lease, as every other transaction, or they would wait for each other in a circle.
    yield* lockTenant(request.tenant, request.now)
    return yield* takeLease(request.tenant, request.owner)
  },

  /**
   * Deletes applied entries. If none is left the lease is given back, in the same transaction as that was seen, so the
   * next writer gets it. Answers whether there are more.
   */
  *finishOutbox(request: {
    readonly tenant: string
    readonly owner: string | null
    readonly through: number
    readonly now: number
    /** Give the lease back even if there are more. */
    readonly release: boolean
  }): Script<boolean> {
    const { tenant, owner, through, now, release } = request
    yield* lockTenant(tenant, now)
    yield* deleteApplied(tenant, through)
    const more = (yield* first('select 1 as one from outbox where tenant = $1 limit 1', tenant)) !== undefined
    if (owner !== null && (release || !more)) {
      yield* run('delete from outbox_leases where tenant = $1 and owner = $2', tenant, owner)
    }
    return more
  },

  /** Keeps what the move of an entry does, unless that is kept already. Answers what is kept; null if the entry is gone. */
  *planOutboxMove(request: {
    readonly tenant: string
    readonly seq: number
    readonly operations: string
    readonly now: number
  }): Script<string | null> {
    const { tenant, seq, operations, now } = request
    yield* lockTenant(tenant, now)
    const row = yield* first<{ plan: string }>(
      'update outbox set plan = coalesce(plan, $3) where tenant = $1 and seq = $2 returning plan',
      tenant,
      seq,
      operations,
    )
    return row?.plan ?? null
  },

  /** Notes that an entry can never be applied; the entry itself goes as if it had been. */
  *auditDroppedEntry(row: AuditRow): Script<void> {
    yield* insertAudit(row)
  },

  /** Keeps the relationships of what was deleted; only the first attempt saw all of them. Answers what is kept, as text; null if the trash row is gone. */
  *keepTrashedRelationships(request: {
    readonly tenant: string
    readonly trashId: string
    readonly relationships: string
  }): Script<string | null> {
    const { tenant, trashId, relationships } = request
    yield* run(
      'update trash set relationships = $3 where tenant = $1 and trash_id = $2 and relationships is null',
      tenant,
      trashId,
      relationships,
    )
    const row = yield* first<{ relationships: string | null }>(
      'select relationships from trash where tenant = $1 and trash_id = $2',
      tenant,
      trashId,
    )
    return row?.relationships ?? null
  },
}
