import type { CallContext } from '../context.ts'
import type { FileDeps } from '../files/deps.ts'
import type { Relationships } from '../relationships/relationships.ts'
import type { SharedWork } from '../shared-work.ts'
import type { SkillList } from './contract.ts'
import type { KnownSkills } from './known-skills.ts'
import type { SkillUses } from './skill-uses.ts'

/** What everything about skills stands on. */
export interface SkillDeps extends FileDeps {
  readonly relationships: Relationships
  readonly uses: SkillUses
  readonly lists: SharedWork<SkillList>
  readonly known: KnownSkills
}

/** A command of a tree, with the context that it is called in. */
export type SkillCommand<Facts, Result> = (deps: SkillDeps, context: CallContext, facts: Facts) => Promise<Result>
