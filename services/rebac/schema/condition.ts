import type { JsonObject } from '../../common/json.ts'

/** A compiled condition: a typed predicate over the parameters stored with a relationship and those of a request. */
export interface Condition {
  readonly name: string
  /**
   * Whether the condition holds. The stored parameters win over those of the request.
   * @throws NexusError MISSING_CONTEXT, INVALID_CONTEXT, CONDITION_FAILED
   */
  evaluate(stored: JsonObject | null, request: JsonObject): boolean
}
