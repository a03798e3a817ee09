import { all, run, type Script } from '../../services/common/sql/script.ts'
import type { AuditRow } from './commands.ts'
import { fromAbove, type Way } from './way.ts'

/** By which way a request was allowed to change an object and what lies below it. */
export interface WayRow {
  readonly tenant: string
  /** As in the rows of the request, milliseconds since 1970. */
  readonly at: number
  readonly requestId: string
  readonly object: string
  readonly way: Way
}

/** Times in one query. */
const CHUNK = 500

/** The ways of rows of one tenant, as far as they are known. */
export function* waysOf(tenant: string, rows: readonly AuditRow[]): Script<ReadonlyMap<AuditRow, Way>> {
  const allowed = rows.filter((row) => row.outcome === 'ok' && row.path !== null)
  const times = [...new Set(allowed.map(({ at }) => at))]
  const known: WayRow[] = []
  for (let start = 0; start < times.length; start += CHUNK) {
    const some = times.slice(start, start + CHUNK)
    const places = some.map((_, index) => `$${index + 2}`).join(', ')
    const found = yield* all<{ at: number; request_id: string; object: string; way: string }>(
      `select at, request_id, object, way from audit_ways where tenant = $1 and at in (${places})`,
      tenant,
      ...some,
    )
    for (const { at, request_id: requestId, object, way } of found)
      known.push({ tenant, at, requestId, object, way: JSON.parse(way) as Way })
  }
  const byRequest = Map.groupBy(known, ({ at, requestId }) => `${at} ${requestId}`)
  return new Map(
    allowed.flatMap((row) => {
      const found = nearest(row.path ?? '', byRequest.get(`${row.at} ${row.requestId}`) ?? [])
      if (found === undefined) return []
      const { object, way } = found
      // What is new was decided about the directory that it came into.
      return [[row, bare(object) === bare(row.path ?? '') ? way : fromAbove(way)] as const]
    }),
  )
}

/** What was decided about the object itself, or about the nearest one above it. */
function nearest(object: string, ways: readonly WayRow[]): WayRow | undefined {
  const path = bare(object)
  return ways
    .filter((one) => path === bare(one.object) || path.startsWith(`${bare(one.object).replace(/\/$/, '')}/`))
    .toSorted((a, b) => b.object.length - a.object.length)[0]
}

/** Some rows name a file by its path alone. */
function bare(object: string): string {
  return object.startsWith('file:') ? object.slice('file:'.length) : object
}

/** The transactions of ways. */
export const wayCommands = {
  *keepWays(rows: readonly WayRow[]): Script<void> {
    for (const { tenant, at, requestId, object, way } of rows) {
      yield* run(
        `insert into audit_ways (tenant, at, request_id, object, way) values ($1, $2, $3, $4, $5)
         on conflict (tenant, at, request_id, object) do nothing`,
        tenant,
        at,
        requestId,
        object,
        JSON.stringify(way),
      )
    }
  },

  /** Deletes those of a tenant from before a time, at most `limit` of them. Answers how many. */
  *trimWays(request: { readonly tenant: string; readonly before: number; readonly limit: number }): Script<number> {
    const { tenant, before, limit } = request
    const gone = yield* all(
      `delete from audit_ways where tenant = $1 and (at, request_id, object) in
         (select at, request_id, object from audit_ways where tenant = $1 and at < $2 order by at limit $3)
       returning object`,
      tenant,
      before,
      limit,
    )
    return gone.length
  },
}
