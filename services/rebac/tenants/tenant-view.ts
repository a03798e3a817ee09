import type { BaseGraph } from '../graph/graph-reader.ts'
import type { TenantGraph } from '../graph/tenant-graph.ts'
import type { Schema } from '../schema/schema.ts'

/** What a tenant is at one revision, but for its relationships. */
export interface TenantState {
  readonly tenant: string
  readonly revision: number
  readonly schema: Schema
  /** The stored version of the schema; '' is the built-in one. */
  readonly schemaVersion: string
}

/** A tenant at one revision, to be evaluated. */
export interface EvaluationView extends TenantState {
  readonly graph: BaseGraph
}

/**
 * A tenant in memory as it is at one revision. It stays so until the current turn of the event loop ends; whoever works
 * longer pins it.
 */
export interface TenantView extends TenantState {
  readonly graph: TenantGraph
  /** Holds back changes of the graph until the returned function is called (once). */
  pin(): () => void
}

/**
 * A computation over one state of a tenant. Where it pauses, others may run; the tenant stays as it is. It must do
 * nothing but compute: on a tenant that is not in memory it is begun anew whenever something was missing.
 */
export type Work<T> = Generator<undefined, T>
