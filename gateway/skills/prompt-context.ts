import type { CallContext } from '../context.ts'
import type { SkillDeps } from './deps.ts'
import { directoryOf } from './find-skill.ts'
import { listSkills } from './list-skills.ts'
import { readableSkills } from './readable-skills.ts'
import type { IndexedSkill } from './skill-rows.ts'
import { subscribedIds } from './subscriptions.ts'

/** About so many characters are one token of a language model. */
const CHARACTERS_PER_TOKEN = 4

/** What an agent is told of skills before it chooses one. */
export interface PromptContext {
  readonly skills: readonly IndexedSkill[]
  readonly xml: string
  readonly tokenEstimate: number
}

/** Name, description and place of the skills that the caller has subscribed to; of all usable ones if there are none. */
export async function promptContext(deps: SkillDeps, context: CallContext, maxSkills: number): Promise<PromptContext> {
  const chosen = await chosenSkills(deps, context)
  // What was chosen once and is gone, or may not be read any more, is no choice.
  const offered = chosen.length > 0 ? chosen : (await listSkills(deps, context, undefined)).skills
  const skills = offered.slice(0, maxSkills)
  const xml = `<available_skills>\n${skills.map(element).join('')}</available_skills>`
  return { skills, xml, tokenEstimate: Math.ceil(xml.length / CHARACTERS_PER_TOKEN) }
}

async function chosenSkills(deps: SkillDeps, context: CallContext): Promise<readonly IndexedSkill[]> {
  const subscribed = await subscribedIds(deps, context)
  if (subscribed.size === 0) return []
  const readable = await readableSkills(deps, context)
  return readable.filter(({ nodeId, error }) => error === null && subscribed.has(nodeId))
}

function element(skill: IndexedSkill): string {
  const lines = [
    `    <name>${escaped(skill.name)}</name>`,
    `    <description>${escaped(skill.description)}</description>`,
    `    <location>${escaped(directoryOf(skill).path)}/</location>`,
  ]
  return `  <skill>\n${lines.join('\n')}\n  </skill>\n`
}

/** A description cannot end its element, and with it what a model takes for a description. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
