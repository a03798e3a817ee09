import { LRUCache } from 'lru-cache'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { matchesFilter } from '../graph/matches-filter.ts'
import { OpenKinds, OpenSymbols } from '../graph/open-names.ts'
import { isExpired, type Relationship, relationshipKeyText } from '../model/relationship.ts'
import type { Schema } from '../schema/schema.ts'
import type { Filter, Reading, ReadResult, RelationshipStore, TenantSnapshot } from '../store/contract.ts'
import { FirstById } from './first-by-id.ts'
import type { Freshness } from './freshness.ts'
import { Limiter } from './limiter.ts'
import type { SchemaLibrary } from './schema-library.ts'
import { evaluateFromStore } from './store-evaluation.ts'
import type { EvaluationView, TenantState, Work } from './tenant-view.ts'
import { CHANGES_PER_TURN, type EarlierState, stateAt } from './undone-changes.ts'

/** Snapshots at a time: each holds a connection, and what it has fetched. */
const MAX_SNAPSHOTS = 4
/** What an evaluation may hold at least, in bytes, and its share of the memory budget. */
const MIN_EVALUATION_BYTES = 32 * 1_048_576
const EVALUATION_SHARE = 1 / 16
/** Names of types and relations that are kept for a tenant. In an open schema every question may bring new ones. */
const MAX_NAMES = 10_000
/** Relationships that are read at a time, after a first page that had some which are not of the earlier state. */
const FURTHER_PAGE = 1_000
/** Tenants whose names are kept. */
const KEPT_NAMES = 200

interface Names {
  readonly symbols: OpenSymbols
  readonly kinds: OpenKinds
}

/** What was done so far. */
export interface StoreWork {
  readonly evaluations: number
  /** How often something was missing and fetched. */
  readonly rounds: number
  readonly fetchedRelationships: number
}

/** A page of relationships of an earlier state. */
export interface EarlierPage {
  readonly revision: number
  /** What is asked for, in the words of the schema of that state. */
  readonly filterOf: (schema: Schema) => Filter
  readonly afterId: string
  readonly limit: number
}

/**
 * Answers for tenants that do not fit in memory, from the database: each question is answered in one snapshot that is
 * begun after it arrived, and so is as fresh as any consistency asks for.
 */
export class StoreBackedTenants {
  readonly #store: RelationshipStore
  readonly #schemas: SchemaLibrary
  readonly #maxBytes: number
  readonly #limiter = new Limiter(MAX_SNAPSHOTS)
  readonly #names = new LRUCache<string, Names>({ max: KEPT_NAMES })
  readonly #work = { evaluations: 0, rounds: 0, fetchedRelationships: 0 }

  constructor(store: RelationshipStore, schemas: SchemaLibrary, budgetBytes: number) {
    this.#store = store
    this.#schemas = schemas
    this.#maxBytes = Math.max(MIN_EVALUATION_BYTES, budgetBytes * EVALUATION_SHARE)
  }

  get work(): StoreWork {
    return this.#work
  }

  /**
   * Runs work on a tenant.
   * @throws NexusError of the work; TOKEN_FROM_FUTURE, REVISION_TRIMMED, DEADLINE_EXCEEDED, UNAVAILABLE;
   *   NODE_BUDGET_EXCEEDED if the work needs more relationships than fit in memory
   */
  evaluate<T>(
    tenant: string,
    freshness: Freshness,
    deadline: number,
    work: (view: EvaluationView) => Work<T>,
  ): Promise<T> {
    this.#work.evaluations += 1
    const names = this.#namesOf(tenant)
    const onRound = (fetched: number) => {
      this.#work.rounds += 1
      this.#work.fetchedRelationships += fetched
    }
    const options = { names, deadline, maxBytes: this.#maxBytes, onRound }
    return this.#read(tenant, deadline, (snapshot) => this.#evaluate(snapshot, freshness, work, options))
  }

  /** The revision and schema of a tenant. @throws NexusError as evaluate */
  state(tenant: string, freshness: Freshness, deadline: number): Promise<TenantState> {
    const read = this.#open.bind(this)
    return this.#read(tenant, deadline, function* (snapshot) {
      return (yield* read(snapshot, freshness)).state
    })
  }

  /** Relationships as they were, in the order of their ids. @throws NexusError as evaluate */
  readEarlier(tenant: string, page: EarlierPage, deadline: number): Promise<ReadResult> {
    return this.#read(tenant, deadline, (snapshot) => this.#readEarlier(snapshot, page))
  }

  *#evaluate<T>(
    snapshot: TenantSnapshot,
    freshness: Freshness,
    work: (view: EvaluationView) => Work<T>,
    options: Parameters<typeof evaluateFromStore>[4],
  ): Reading<T> {
    const { state, earlier } = yield* this.#open(snapshot, freshness)
    return yield* evaluateFromStore(snapshot, state, earlier, work, options)
  }

  *#readEarlier(snapshot: TenantSnapshot, { revision, filterOf, afterId, limit }: EarlierPage): Reading<ReadResult> {
    const now = Date.now()
    const { state, earlier } = yield* this.#open(snapshot, { kind: 'exactly', revision })
    const filter = filterOf(state.schema)
    const instead = earlier?.instead ?? new Map<string, Relationship | null>()
    const found = new FirstById(limit)
    let looked = 0
    for (const row of instead.values()) {
      if (++looked % CHANGES_PER_TURN === 0) yield* snapshot.pause()
      if (row !== null && row.id > afterId && matchesFilter(row, filter) && !isExpired(row, now)) found.add(row)
    }
    for (let after = afterId, kept = 0, size = limit; kept < limit; size = Math.max(limit, FURTHER_PAGE)) {
      const { relationships } = yield* snapshot.relationships({ filter, afterId: after, limit: size, now })
      for (const row of relationships) {
        if (instead.has(relationshipKeyText(row))) continue
        found.add(row)
        kept += 1
      }
      const last = relationships.at(-1)
      if (last === undefined || relationships.length < size) break
      after = last.id
    }
    return { relationships: found.sorted(), revision }
  }

  /** What a snapshot shows, or what it was at an earlier revision. */
  *#open(
    snapshot: TenantSnapshot,
    freshness: Freshness,
  ): Reading<{ readonly state: TenantState; readonly earlier: EarlierState | null }> {
    if ('revision' in freshness && freshness.revision > snapshot.revision) {
      throw new NexusError('TOKEN_FROM_FUTURE', 'The consistency token is newer than the database.')
    }
    const isEarlier = freshness.kind === 'exactly' && freshness.revision < snapshot.revision
    const earlier = isEarlier ? yield* stateAt(snapshot, freshness.revision) : null
    const { tenant } = snapshot
    const revision = isEarlier ? freshness.revision : snapshot.revision
    const schemaVersion = earlier?.schemaVersion ?? snapshot.schemaVersion
    let schema = schemaVersion === '' ? this.#schemas.compiled(tenant, null) : undefined
    schema ??= this.#schemas.known(tenant, schemaVersion)
    schema ??= this.#schemas.compiled(tenant, yield* snapshot.schema(schemaVersion))
    return { state: { tenant, revision, schema, schemaVersion }, earlier }
  }

  /** A refusal of ours is a result: it must not look like a failure of the database, which would cost a connection. */
  async #read<T>(tenant: string, deadline: number, work: (snapshot: TenantSnapshot) => Reading<T>): Promise<T> {
    const outcome = await this.#limiter.run(async () => {
      if (Date.now() >= deadline) throw new NexusError('DEADLINE_EXCEEDED', 'There was no answer within the deadline.')
      return this.#store.readSnapshot(tenant, (snapshot) => caught(work(snapshot)), deadline)
    })
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  #namesOf(tenant: string): Names {
    let names = this.#names.get(tenant)
    if (names === undefined || names.symbols.count + names.kinds.count > MAX_NAMES) {
      names = { symbols: new OpenSymbols(), kinds: new OpenKinds() }
      this.#names.set(tenant, names)
    }
    return names
  }
}

function* caught<T>(reading: Reading<T>): Reading<{ readonly value: T } | { readonly error: NexusError }> {
  try {
    return { value: yield* reading }
  } catch (error) {
    if (error instanceof NexusError) return { error }
    throw error
  }
}
