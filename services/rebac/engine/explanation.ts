import type { Relationship, Subject } from '../model/relationship.ts'

/** One step of an explanation. */
export interface Explanation {
  readonly outcome: 'false' | 'true' | 'cycle' | 'error'
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly subject: Subject
  readonly step: 'direct' | 'userset' | 'computed' | 'from' | 'union' | 'intersection' | 'exclusion' | 'relation'
  readonly relationship: Relationship | null
  readonly derived: boolean
  readonly expired: boolean
  readonly conditionFailed: boolean
  readonly message: string
  readonly children: readonly Explanation[]
}

/** What most steps leave empty. */
export const PLAIN_STEP = {
  relationship: null,
  derived: false,
  expired: false,
  conditionFailed: false,
  message: '',
} as const
