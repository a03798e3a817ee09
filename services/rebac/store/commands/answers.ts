import { all, run, type Script } from '../../../common/sql/script.ts'
import type { WriteRequest } from '../contract.ts'
import type { ResultMessage } from '../messages.ts'
import { type Done, type KnownAnswer, keptAnswer, replay } from './idempotency.ts'

type Request = Pick<WriteRequest, 'idempotency' | 'now'>

const FIND = {
  sqlite: `select key, request_hash as hash, answer from idempotency_keys
    where tenant = $1 and key in (select value from json_each($2))`,
  postgres: `select x.* from json_array_elements_text($2::json) as list(value)
    cross join lateral (select key, request_hash as hash, answer from idempotency_keys
      where tenant = $1 and key = list.value offset 0) x`,
}

const INSERT = {
  sqlite: `insert into idempotency_keys (tenant, key, request_hash, answer, created_at)
    select $1, value ->> 'k', value ->> 'h', value ->> 'a', value ->> 't' from json_each($2)`,
  postgres: `insert into idempotency_keys (tenant, key, request_hash, answer, created_at)
    select $1, r.* from json_to_recordset($2::json) as r (k text, h text, a text, t bigint)`,
}

/** The idempotency keys of several requests of one tenant, which is locked. */
export class Answers {
  readonly #tenant: string
  readonly #known: Map<string, KnownAnswer>
  readonly #made: { readonly k: string; readonly h: string; readonly a: string; readonly t: number }[] = []

  private constructor(tenant: string, known: Map<string, KnownAnswer>) {
    this.#tenant = tenant
    this.#known = known
  }

  static *find(tenant: string, requests: readonly Request[]): Script<Answers> {
    const keys = new Set(requests.flatMap(({ idempotency }) => (idempotency === null ? [] : [idempotency.key])))
    if (keys.size === 0) return new Answers(tenant, new Map())
    const rows = yield* all<KnownAnswer & { readonly key: string }>(FIND, tenant, JSON.stringify([...keys]))
    return new Answers(tenant, new Map(rows.map((row) => [row.key, row])))
  }

  /**
   * The answer of a change, or the first one under the request's key.
   * @throws NexusError IDEMPOTENCY_KEY_REUSED, and what the change throws
   */
  once({ idempotency, now }: Request, change: () => Done): ResultMessage {
    if (idempotency === null) return change().message
    const known = this.#known.get(idempotency.key)
    if (known !== undefined) return replay(known, idempotency)
    const { key, requestHash: hash } = idempotency
    const done = change()
    const answer = keptAnswer(done)
    this.#known.set(key, { hash, answer })
    this.#made.push({ k: key, h: hash, a: answer, t: now })
    return done.message
  }

  /** Keeps the answers that were made. */
  *save(): Script<void> {
    if (this.#made.length > 0) yield* run(INSERT, this.#tenant, JSON.stringify(this.#made))
  }
}
