import { reviewApproval, submitApproval } from './approvals.ts'
import { countSkillUses } from './count-uses.ts'
import { installSkills } from './install-skills.ts'
import { subscribeSkill, unsubscribeSkill } from './subscriptions.ts'

/** The transactions of skills, besides those of their files. */
export const skillCommands = {
  countSkillUses,
  installSkills,
  reviewApproval,
  submitApproval,
  subscribeSkill,
  unsubscribeSkill,
}
