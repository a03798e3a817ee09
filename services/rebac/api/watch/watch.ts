import type { WatchRequest, WatchResponse } from '../../../common/gen/nexus/rebac/v1/watch.ts'
import type { EndlessCallContext } from '../../../common/grpc/endless-streams.ts'
import type { Schema } from '../../schema/schema.ts'
import type { Filter, LogEntry } from '../../store/contract.ts'
import { FULLY_CONSISTENT } from '../../tenants/freshness.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_TIMEOUT_MS, MAX_WATCH_FILTERS } from '../limits.ts'
import { requireAtMost, within } from '../parse/fields.ts'
import { parseFilter } from '../parse/filter.ts'
import { parseTenant } from '../parse/tenant.ts'
import { normalizeFilter } from '../relationships/normalize.ts'
import { Alarm } from './alarm.ts'
import { LogReader } from './log-reader.ts'
import { selectChanges } from './select-changes.ts'
import { heartbeatMessage, revisionMessages } from './watch-messages.ts'
import { WatchPlaces } from './watch-places.ts'

/** Watch: the changes of a tenant in the order of its revisions, straight from its log. */
export function watchHandler(api: ApiContext) {
  const places = new WatchPlaces(api.maxWatchesPerClient)
  return async function* (request: WatchRequest, call: EndlessCallContext<Caller>): AsyncGenerator<WatchResponse> {
    const { tenant, after, filters: wanted } = parseWatch(request, api)
    requireTenant(call.caller, tenant)

    const leave = places.take(call.caller)
    const alarm = new Alarm()
    call.signal.addEventListener('abort', alarm.ring)
    const unsubscribe = api.tenants.onHead(tenant, alarm.ring)
    try {
      const freshness = after === null ? FULLY_CONSISTENT : ({ kind: 'atLeast', revision: after } as const)
      const view = await api.tenants.state(tenant, freshness, Date.now() + DEFAULT_TIMEOUT_MS)
      const normalize = (schema: Schema) => wanted.map((filter) => normalizeFilter(schema, filter))
      let filters = normalize(view.schema)
      const log = new LogReader(api.store, tenant, after ?? view.revision)
      // Says where the watch begins: a client that is cut off before the first change goes on from here.
      yield heartbeatMessage(api.tokens.token(tenant, log.position))
      for (let sentAt = Date.now(); !call.signal.aborted; ) {
        alarm.reset()
        const { entries, mayHaveMore } = await log.next()
        for (const entry of entries) {
          if (entry.schemaVersion !== '')
            filters = normalize(await api.tenants.schemas.version(tenant, entry.schemaVersion))
          for (const message of messagesOf(entry, filters, api.tokens.token(tenant, entry.revision))) {
            yield message
            if (call.signal.aborted) return
            sentAt = Date.now()
          }
        }
        const quietMs = Date.now() - sentAt
        if (quietMs >= api.heartbeatMs) {
          yield heartbeatMessage(api.tokens.token(tenant, log.position))
          sentAt = Date.now()
        }
        if (!mayHaveMore) await alarm.wait(sentAt + api.heartbeatMs - Date.now())
      }
    } finally {
      unsubscribe()
      leave()
    }
  }
}

function parseWatch(request: WatchRequest, api: ApiContext) {
  const tenant = parseTenant(request.tenant)
  requireAtMost(request.filters, MAX_WATCH_FILTERS, 'filters')
  const filters = request.filters.map((filter, index) => within(`filters[${index}]`, () => parseFilter(filter, tenant)))
  const after = request.after === '' ? null : api.tokens.revisionOf(request.after, tenant)
  return { tenant, after, filters }
}

/** What of a revision is sent; nothing if no filter selects any of it. Schemas concern everybody. */
function messagesOf(entry: LogEntry, filters: readonly Filter[], token: string): Iterable<WatchResponse> {
  const changes = selectChanges(entry.changes, filters)
  return changes.length === 0 && entry.schemaVersion === '' ? [] : revisionMessages(entry, changes, token)
}
