import type { JsonObject } from '../../common/json.ts'

/** A compiled condition: a typed predicate over the parameters stored with a relationship and those of a request. */
export interface Condition {
  readonly name: string
  /**
   * Whether the condition holds. The stored parameters win over those of the request.
   * @throws NexusError MISSING_CONTEXT, INVALID_CONTEXT, CONDITION_FAILED
   */
  evaluate(stored: JsonObject | null, request: JsonObject): boolean
  /**
   * Whether these parameters may be stored with a relationship; some or all may be left to the request.
   * @throws NexusError INVALID_CONTEXT
   */
  validateStored(stored: JsonObject | null): void
  /** What it declares, by name, with the types as the modelling language writes them. */
  readonly parameters: readonly { readonly name: string; readonly type: string }[]
  /** Empty: built in. */
  readonly expression: string
  /** Equal for conditions that mean the same: parameters with their types, and the expression. */
  readonly definition: string
}
