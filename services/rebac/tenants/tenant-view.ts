import type { TenantGraph } from '../graph/tenant-graph.ts'
import type { Schema } from '../schema/schema.ts'

/**
 * A tenant as it is at one revision. It stays so until the current turn of the event loop ends; whoever works longer
 * pins it.
 */
export interface TenantView {
  readonly tenant: string
  readonly revision: number
  readonly schema: Schema
  /** The stored version of the schema; '' is the built-in one. */
  readonly schemaVersion: string
  readonly graph: TenantGraph
  /** Holds back changes of the graph until the returned function is called (once). */
  pin(): () => void
}
