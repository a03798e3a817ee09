import { z } from 'zod'
import type { IndexedSkill } from '../../skills/skill-rows.ts'
import type { Skills } from '../../skills/skills.ts'
import { parseTier } from '../../skills/tiers.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, withDefault } from '../parameters.ts'

/** The methods of nexus-api.md 5.2. */
export function skillMethods(skills: Skills): Method[] {
  return [
    defineMethod({
      name: 'skills_list',
      docs: { summary: 'The skills that the caller may read', example: { params: {} } },
      params: z.strictObject({
        tier: optional(line),
        include_metadata: withDefault(z.boolean(), true),
        context: ignored,
      }),
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const tier = params.tier === undefined ? undefined : parseTier(params.tier)
        const { skills: listed, invalid } = await skills.list(context, tier)
        return {
          skills: params.include_metadata ? listed.map(presentSkill) : listed.map(({ name }) => name),
          count: listed.length,
          ...(invalid.length === 0 ? {} : { invalid: invalid.map(presentInvalid) }),
        }
      },
    }),
    defineMethod({
      name: 'skills_info',
      docs: { summary: 'What is known of a skill', example: { params: { skill_name: 'pdf' } } },
      params: z.strictObject({ skill_name: line.min(1), context: ignored }),
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const { skill, dependencies } = await skills.info(context, params.skill_name)
        return {
          ...presentSkill(skill),
          ...(skill.requires.length === 0 ? {} : { resolved_dependencies: dependencies }),
        }
      },
    }),
  ]
}

function presentSkill(skill: IndexedSkill) {
  return {
    name: skill.name,
    description: skill.description,
    version: skill.version,
    author: skill.author,
    tier: skill.tier,
    file_path: skill.path,
    requires: skill.requires,
    ...(skill.createdAt === null ? {} : { created_at: skill.createdAt }),
    ...(skill.modifiedAt === null ? {} : { modified_at: skill.modifiedAt }),
    ...(skill.warnings.length === 0 ? {} : { warnings: skill.warnings }),
  }
}

function presentInvalid(skill: IndexedSkill) {
  return { name: skill.name, tier: skill.tier, file_path: skill.path, error: skill.error, warnings: skill.warnings }
}
