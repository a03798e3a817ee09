import type { JsonObject } from '../../common/json.ts'
import type { Relationship, Subject } from '../model/relationship.ts'

/** What holds for all questions of one request. */
export interface EvaluationOptions {
  /** Milliseconds since 1970; decides what has expired. */
  readonly now: number
  /** Parameters for conditions. */
  readonly context: JsonObject
  /** Relationships that hold for this request only; they override stored ones of the same key. */
  readonly contextual: readonly Relationship[]
  /** Longest chain of relationships; 0: no limit. */
  readonly maxDepth: number
  /** How many nodes and relationships one question may look at; 0: no limit. */
  readonly nodeBudget: number
  /** Milliseconds since 1970; Infinity: none. */
  readonly deadline: number
}

/** Does any of the subjects have the relation on the object? */
export interface Question {
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subjects: readonly Subject[]
}
