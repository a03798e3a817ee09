import { all, first, run, type Script } from '../../services/common/sql/script.ts'

/** The collector has this long between its claim and the deletion of the row; then the claim is void. */
export const CLAIM_MS = 60_000

/** The row of `meta` that says until when nothing is collected: milliseconds since 1970, as text. */
const HOLD = 'content_hold'

interface ContentRow {
  readonly leased_until: number
}

const REGISTER = `insert into contents (content_hash, size, leased_until, created_at) values ($1, $2, $3, $4)
on conflict (content_hash) do nothing`
const LOCK = {
  sqlite: 'select leased_until from contents where content_hash = $1',
  postgres: 'select leased_until from contents where content_hash = $1 for update',
}
const SHARE = {
  sqlite: 'select leased_until from contents where content_hash = $1',
  // The collector's update waits for this lock, and then tests the references again.
  postgres: 'select leased_until from contents where content_hash = $1 for share',
}

/** Whether the rest of this transaction may refer to a content: it is registered, and no collector has claimed it. */
export function* holdContent(hash: string): Script<boolean> {
  const row = yield* first<ContentRow>(SHARE, hash)
  return row !== undefined && row.leased_until >= 0
}

/** When the lease of a content ends; null if it is not registered or is being collected. */
export function* leaseOf(hash: string): Script<number | null> {
  const row = yield* first<ContentRow>('select leased_until from contents where content_hash = $1', hash)
  return row === undefined || row.leased_until < 0 ? null : row.leased_until
}

/** Contents without a lease and without a reference, as of now. */
export function* orphans(now: number, limit: number): Script<readonly string[]> {
  const rows = yield* all<{ content_hash: string }>(
    `select c.content_hash from contents c where c.leased_until < $1 and c.leased_until + $1 >= 0
  and not exists (select 1 from nodes n where n.content_hash = c.content_hash)
  and not exists (select 1 from versions v where v.content_hash = c.content_hash)
  and not exists (select 1 from snapshot_files s where s.content_hash = c.content_hash) limit $2`,
    now,
    limit,
  )
  return rows.map((row) => row.content_hash)
}

/** Which of these hashes are registered. */
export function* registered(hashes: readonly string[]): Script<ReadonlySet<string>> {
  const rows = yield* all<{ content_hash: string }>(
    {
      sqlite: 'select content_hash from contents where content_hash in (select value from json_each($1))',
      postgres: 'select content_hash from contents where content_hash in (select jsonb_array_elements_text($1::jsonb))',
    },
    JSON.stringify(hashes),
  )
  return new Set(rows.map((row) => row.content_hash))
}

/** A negative lease is the claim of a collector, void after the time that it names. */
export const contentCommands = {
  /** Registers a content, or extends its lease. false: a collector has claimed it; try again after a moment. */
  *leaseContent(request: {
    readonly hash: string
    readonly size: number
    readonly until: number
    readonly now: number
  }): Script<boolean> {
    const { hash, size, until, now } = request
    yield* run(REGISTER, hash, size, until, now)
    const row = yield* first<ContentRow>(LOCK, hash)
    const lease = row?.leased_until ?? until
    if (lease < 0 && -lease > now) return false
    if (lease < until) yield* run('update contents set leased_until = $2 where content_hash = $1', hash, until)
    return true
  },

  /** Claims a content that nobody leases or uses; for a file without a row, makes the row. */
  *claimContent(request: { readonly hash: string; readonly now: number; readonly adopt: boolean }): Script<boolean> {
    const { hash, now, adopt } = request
    const hold = yield* first<{ value: string }>('select value from meta where key = $1', HOLD)
    if (hold !== undefined && Number(hold.value) > now) return false
    if (adopt) {
      yield* run(REGISTER, hash, 0, 0, now)
    }
    const row = yield* first<ContentRow>(LOCK, hash)
    if (row === undefined || row.leased_until >= now || (row.leased_until < 0 && -row.leased_until > now)) return false
    // A statement of its own: on PostgreSQL it sees what was committed while the lock was waited for.
    const used = yield* first(
      `select 1 as one where exists (select 1 from nodes where content_hash = $1)
  or exists (select 1 from versions where content_hash = $1)
  or exists (select 1 from snapshot_files where content_hash = $1)`,
      hash,
    )
    if (used !== undefined) return false
    yield* run('update contents set leased_until = $2 where content_hash = $1', hash, claimOf(now))
    return true
  },

  /** Keeps every content that is not claimed from the collector, as a backup does while it copies. */
  *holdContents(request: { readonly until: number }): Script<void> {
    yield* run(
      'insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value',
      HOLD,
      `${request.until}`,
    )
  },

  *releaseContents(_nothing: null): Script<void> {
    yield* run('delete from meta where key = $1', HOLD)
  },

  /** Forgets a content that was claimed at `claimedAt` and whose bytes are gone. false: that claim is void, and taken over. */
  *dropContent(request: { readonly hash: string; readonly claimedAt: number }): Script<boolean> {
    const { hash, claimedAt } = request
    const row = yield* first<ContentRow>(LOCK, hash)
    if (row?.leased_until !== claimOf(claimedAt)) return false
    yield* run('delete from search_texts where content_hash = $1', hash)
    yield* run('delete from contents where content_hash = $1', hash)
    return true
  },
}

/** Those of two collectors are never the same: the later one begins when the earlier one is void. */
function claimOf(claimedAt: number): number {
  return -(claimedAt + CLAIM_MS)
}
