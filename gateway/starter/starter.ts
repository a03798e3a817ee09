import type { Starter } from '../accounts/people.ts'
import { starterAgents } from './starter-agents.ts'
import { readStarterSkills } from './starter-skills.ts'

/** What a new user may begin with. */
export const starter: Starter = { agents: starterAgents, skills: readStarterSkills }
