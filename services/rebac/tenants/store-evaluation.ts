import { NexusError } from '../../common/errors/nexus-error.ts'
import type { OpenKinds, OpenSymbols } from '../graph/open-names.ts'
import { PartialGraph } from '../graph/partial-graph.ts'
import type { Reading, TenantSnapshot } from '../store/contract.ts'
import type { TenantState, EvaluationView, Work } from './tenant-view.ts'
import type { EarlierState } from './undone-changes.ts'

export interface StoreEvaluationOptions {
  readonly names: { readonly symbols: OpenSymbols; readonly kinds: OpenKinds }
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** What one evaluation may hold in memory. */
  readonly maxBytes: number
  readonly onRound: (fetchedRelationships: number) => void
}

/** Expired relationships are fetched, too: Explain shows them, and every other verb looks for itself. */
const ALL_TIMES = 0

/** A relationship in a partial graph takes at least this much. */
const MIN_BYTES_PER_RELATIONSHIP = 600

/**
 * Evaluates over a snapshot of a tenant that is not in memory: whenever the work met something that is not here yet, its
 * outcome is forgotten, be it an error, everything that was missing is fetched at once, and the work begins anew. So it
 * takes about as many rounds as the longest chain of relationships that it follows.
 * @throws NexusError of the work; DEADLINE_EXCEEDED; NODE_BUDGET_EXCEEDED if it needs more than fits in memory
 */
export function* evaluateFromStore<T>(
  snapshot: TenantSnapshot,
  state: TenantState,
  earlier: EarlierState | null,
  work: (view: EvaluationView) => Work<T>,
  { names, deadline, maxBytes, onRound }: StoreEvaluationOptions,
): Reading<T> {
  const graph = new PartialGraph(names, state.revision, earlier?.instead)
  for (;;) {
    const outcome = yield* attempt(snapshot, work({ ...state, graph }), deadline)
    const missing = graph.missing.take()
    if ('error' in outcome && isCancellation(outcome.error)) throw outcome.error
    if (missing.length === 0) {
      if ('error' in outcome) throw outcome.error
      return outcome.value
    }
    requireTime(deadline)
    const maxRelationships = Math.floor((maxBytes - graph.memoryBytes()) / MIN_BYTES_PER_RELATIONSHIP)
    const fetched = yield* snapshot.parts(missing, { now: ALL_TIMES, maxRelationships })
    graph.add(fetched)
    onRound(fetched.reduce((sum, { relationships }) => sum + relationships.length, 0))
  }
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown }

function* attempt<T>(snapshot: TenantSnapshot, work: Work<T>, deadline: number): Reading<Outcome<T>> {
  try {
    for (let step = work.next(); ; step = work.next()) {
      if (step.done === true) return { value: step.value }
      requireTime(deadline)
      yield* snapshot.pause()
    }
  } catch (error) {
    // What the database throws into the script is not the work's.
    if (error instanceof NexusError) return { error }
    throw error
  }
}

/** What nobody waits for any more need not be found out. */
function isCancellation(error: unknown): boolean {
  return error instanceof NexusError && error.reason === 'CANCELLED'
}

function requireTime(deadline: number): void {
  if (Date.now() < deadline) return
  throw new NexusError('DEADLINE_EXCEEDED', 'The evaluation from the database did not end before its deadline.')
}
