import type { Dialect } from '../../../common/sql/dialect.ts'
import { all, type Script, type SqlValue } from '../../../common/sql/script.ts'

/** How many keys travel in one statement to PostgreSQL. */
const KEYS_PER_STATEMENT = 100

/**
 * A query for what belongs to one key, to be asked of many: $1 is the tenant, $2 the time, k.<column> the key's values.
 */
export interface KeyedLookup {
  readonly columns: readonly string[]
  readonly body: string
}

/**
 * The rows of each key, in the order of the keys. SQLite is asked once for each, which costs microseconds; PostgreSQL
 * gets all keys as one JSON value and pays for one round trip.
 */
export function* lookUp<R>(
  dialect: Dialect,
  { columns, body }: KeyedLookup,
  tenant: string,
  now: number,
  keys: readonly (readonly SqlValue[])[],
): Script<readonly (readonly R[])[]> {
  const found: (readonly R[])[] = []
  if (dialect === 'sqlite') {
    const text = body.replaceAll(/\bk\.(\w+)/g, (_, column: string) => `$${columns.indexOf(column) + 3}`)
    for (const key of keys) found.push(yield* all<R>(text, tenant, now, ...key))
    return found
  }
  const types = columns.map((column) => `${column} text`).join(', ')
  const text = `select k.n as "keyNumber", x.* from json_to_recordset($3::json) as k(n int, ${types})
    cross join lateral (${body}) x`
  for (let from = 0; from < keys.length; from += KEYS_PER_STATEMENT) {
    const chunk = keys.slice(from, from + KEYS_PER_STATEMENT)
    const list = chunk.map((key, n) => ({
      n,
      ...Object.fromEntries(columns.map((name, at) => [name, key[at] ?? null])),
    }))
    const rows = yield* all<R & { keyNumber: number }>(text, tenant, now, JSON.stringify(list))
    const ofChunk: R[][] = chunk.map(() => [])
    for (const { keyNumber, ...row } of rows) ofChunk[keyNumber]?.push(row as R)
    found.push(...ofChunk)
  }
  return found
}
