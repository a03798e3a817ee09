import { createHash } from 'node:crypto'
import { all, first, run, type Script } from '../../services/common/sql/script.ts'
import { lockTenant } from '../outbox/scripts.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Failures from before this time do not count any more, in milliseconds. */
const WINDOW_MS = HOUR_MS
/** A place from which somebody signed in is known for so long, in milliseconds. */
export const KNOWN_MS = 90 * 24 * HOUR_MS
export const FAILURES_MS = 24 * HOUR_MS

/** Failures that are allowed before nobody may try for a while. An end always comes: tries during it do not prolong it. */
const LIMITS = {
  /** One account from one address. */
  pair: { failures: 10, lockMs: MINUTE_MS },
  /** One address, whatever it tries. */
  address: { failures: 300, lockMs: 15 * MINUTE_MS },
  /** One account from everywhere. Does not hold where its owner signed in before, so nobody can lock the owner out. */
  account: { failures: 100, lockMs: 15 * MINUTE_MS },
  registration: { failures: 100, lockMs: 15 * MINUTE_MS },
} as const
type Limit = keyof typeof LIMITS

/** Who tries to sign in, from where; hashes, so that what people mistype is not kept. */
export type Attempt = Partial<Readonly<Record<Limit | 'known', string>>>

/** An attempt to sign in to an account. */
export function signInAttempt(account: string, address: string): Attempt {
  return {
    pair: hashOf('pair', account, address),
    address: hashOf('address', address),
    account: hashOf('account', account),
    known: hashOf('known', account, address),
  }
}

/** An attempt to register. */
export function registrationAttempt(address: string): Attempt {
  return { registration: hashOf('registration', address) }
}

interface Row {
  readonly attempt_key: string
  readonly locked_until: number
}

/** Counts an attempt as failed until it succeeds. Answers how long nobody may try, in milliseconds; 0 if one may. */
export function* beginAttempt({ attempt, now }: { readonly attempt: Attempt; readonly now: number }): Script<number> {
  yield* lockTenant('_sign_in', now)
  const keys = Object.values(attempt)
  const rows = yield* all<Row>(
    {
      sqlite: `select attempt_key, locked_until from sign_in_attempts where attempt_key in (select value from json_each($1))`,
      postgres: `select attempt_key, locked_until from sign_in_attempts
        where attempt_key in (select jsonb_array_elements_text($1::jsonb))`,
    },
    JSON.stringify(keys),
  )
  const known = rows.some((row) => row.attempt_key === attempt.known)
  const waits = rows
    .filter((row) => !(known && row.attempt_key === attempt.account))
    .map((row) => row.locked_until - now)
  const wait = Math.max(0, ...waits)
  if (wait > 0) return wait
  for (const [limit, key] of Object.entries(attempt)) if (limit !== 'known') yield* count(limit as Limit, key, now)
  return 0
}

function* count(limit: Limit, key: string, now: number): Script<void> {
  const row = yield* first<{ failures: number }>(
    `insert into sign_in_attempts (attempt_key, failures, locked_until, last_at) values ($1, 1, 0, $2)
     on conflict (attempt_key) do update set last_at = excluded.last_at,
       failures = case when sign_in_attempts.last_at < $3 then 1 else sign_in_attempts.failures + 1 end
     returning failures`,
    key,
    now,
    now - WINDOW_MS,
  )
  const { failures, lockMs } = LIMITS[limit]
  if ((row?.failures ?? 0) < failures) return
  yield* run('update sign_in_attempts set failures = 0, locked_until = $2 where attempt_key = $1', key, now + lockMs)
}

/** It was no failure after all, and the place is known from now on. */
export function* attemptSucceeded(attempt: Attempt, now: number): Script<void> {
  const { pair, account, address, known } = attempt
  if (pair !== undefined) yield* run('delete from sign_in_attempts where attempt_key = $1', pair)
  for (const key of [account, address])
    if (key !== undefined)
      yield* run('update sign_in_attempts set failures = failures - 1 where attempt_key = $1 and failures > 0', key)
  if (known === undefined) return
  // Less than none: it is no count of failures, and is kept for longer.
  yield* run(
    `insert into sign_in_attempts (attempt_key, failures, locked_until, last_at) values ($1, -1, 0, $2)
     on conflict (attempt_key) do update set last_at = excluded.last_at`,
    known,
    now,
  )
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\u0000')).digest('base64url')
}
