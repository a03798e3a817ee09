import { v7 as uuidv7 } from 'uuid'
import type { JsonObject } from '../../services/common/json.ts'
import type { AuditRow } from '../audit/commands.ts'
import { actorName, type CallContext } from '../context.ts'

/** A line of the audit trail about a skill. */
export function auditRow(
  { caller, now, requestId }: CallContext,
  { tenant, action, path, detail }: { tenant: string; action: string; path: string; detail: JsonObject },
): AuditRow {
  return {
    tenant,
    entryId: uuidv7(),
    at: now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId,
    action,
    path,
    outcome: 'ok',
    detail: JSON.stringify(detail),
  }
}
