import type { JsonObject } from '../../../common/json.ts'
import type { Relationship, Subject } from '../../model/relationship.ts'
import type { Freshness } from '../../tenants/freshness.ts'

/** May the subject, or any of those it acts as, do this? */
export interface Question {
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subject: Subject
  readonly alsoAs: readonly Subject[]
  /** Also ask as those whom the subject inherits from. */
  readonly resolveInheritance: boolean
}

/** What questions must have in common to be evaluated together. */
export interface QuestionScope {
  readonly tenant: string
  readonly freshness: Freshness
  /** Empty: the newest. */
  readonly schemaVersion: string
  readonly context: JsonObject
  readonly contextual: readonly Relationship[]
  /** 0: no limit. */
  readonly maxDepth: number
  readonly nodeBudget: number
}
