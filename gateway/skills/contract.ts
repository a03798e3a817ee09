import type { CallContext } from '../context.ts'
import type { IndexedSkill } from './skill-rows.ts'

export interface SkillList {
  /** One for each name, the nearest tier first, by path within a tier. */
  readonly skills: readonly IndexedSkill[]
  /** Readable, but unusable: each says why. */
  readonly invalid: readonly IndexedSkill[]
}

/** A capability with what it stands on filled in. */
export type Bound<F> = F extends (deps: never, context: CallContext, ...rest: infer Rest) => infer Result
  ? (context: CallContext, ...rest: Rest) => Result
  : never
