import { v7 as uuidv7 } from 'uuid'
import type { JsonObject } from '../../services/common/json.ts'
import { actorName, type CallContext } from '../context.ts'
import type { AuditRow } from './commands.ts'

/** The audit row of something that a caller does; it is written in the transaction that does it. */
export function auditRow(
  { caller, now, requestId }: CallContext,
  action: string,
  object: string,
  facts: { readonly tenant?: string; readonly detail?: JsonObject } = {},
): AuditRow {
  return {
    tenant: facts.tenant ?? caller.tenant,
    entryId: uuidv7(),
    at: now,
    actor: actorName(caller),
    keyId: caller.keyId,
    requestId,
    action,
    path: object,
    outcome: 'ok',
    detail: facts.detail === undefined ? null : JSON.stringify(facts.detail),
  }
}
