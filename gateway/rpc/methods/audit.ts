import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { JsonValue } from '../../../services/common/json.ts'
import type { AuditPlace } from '../../audit/audit-queries.ts'
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { AuditRow } from '../../audit/commands.ts'
import type { Way } from '../../audit/way.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, instant, line, optional, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const MAX_PAGE = 1_000

/** What clients ask for, in the words of the rows. */
const OUTCOMES = {
  allowed: ['ok', 'bypass'],
  denied: ['denied'],
  failed: ['failed'],
} as const satisfies Record<string, readonly AuditRow['outcome'][]>

/** Who did what to which object, and by which right. */
export function auditMethods(trail: AuditTrail): Method[] {
  return [
    defineMethod({
      name: 'audit_list',
      params: z.strictObject({
        tenant_id: optional(line),
        actor: optional(line),
        action: optional(line),
        outcome: optional(z.enum(['allowed', 'denied', 'failed'])),
        object: optional(line),
        request_id: optional(line),
        since: optional(instant),
        until: optional(instant),
        limit: withDefault(z.int().min(1).max(MAX_PAGE), 100),
        cursor: optional(line),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const filter = {
          tenant: params.tenant_id,
          actor: params.actor ?? null,
          action: params.action ?? null,
          outcomes: params.outcome === undefined ? null : OUTCOMES[params.outcome],
          object: params.object?.normalize('NFC').replace(/(?<=.)\/+$/, '') ?? null,
          requestId: params.request_id ?? null,
          since: params.since ?? null,
          until: params.until ?? null,
        }
        const after = params.cursor === undefined ? null : parseCursor(params.cursor)
        const { rows, ways, next } = await trail.list(context, filter, { after, limit: params.limit })
        return {
          entries: rows.map((row) => present(row, ways.get(row))),
          next_cursor: next === null ? null : `${next.at}.${next.entryId}`,
          has_more: next !== null,
        }
      },
      docs: {
        summary: 'Lists what was done in a tenant and what was refused, the newest first',
        example: { params: { outcome: 'denied', limit: 20 } },
      },
    }),
  ]
}

function present(row: AuditRow, way: Way | undefined) {
  const { bypass, ...detail } = (row.detail === null ? {} : JSON.parse(row.detail)) as Record<string, JsonValue>
  const bypassed = row.outcome === 'bypass' || bypass === true
  const allowed = row.outcome === 'ok' || row.outcome === 'bypass'
  return {
    entry_id: row.entryId,
    timestamp: isoTime(row.at),
    tenant_id: row.tenant,
    actor: row.actor,
    key_id: row.keyId,
    request_id: row.requestId,
    action: row.action,
    object: row.path,
    outcome: allowed ? 'allowed' : row.outcome,
    // By which right it was allowed, and where that comes from as far as it is known.
    via: allowed ? (bypassed ? 'administrator' : 'relationship') : null,
    path: allowed && !bypassed && way !== undefined ? way : null,
    detail: Object.keys(detail).length === 0 ? null : detail,
  }
}

/** @throws NexusError INVALID_PARAMS */
function parseCursor(cursor: string): AuditPlace {
  const [, time, entryId] = /^(\d{1,16})\.([0-9a-f-]{36})$/.exec(cursor) ?? []
  if (time === undefined || entryId === undefined)
    throw new NexusError('INVALID_PARAMS', "parameter 'cursor' must be the next_cursor of an earlier page")
  return { at: Number(time), entryId }
}
