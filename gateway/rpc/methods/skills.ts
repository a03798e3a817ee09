import { z } from 'zod'
import { DISCOVER_FILTERS } from '../../skills/discover-skills.ts'
import type { Skills } from '../../skills/skills.ts'
import { parseTier } from '../../skills/tiers.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, text, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'
import { presentDiscovered, presentInfo, presentList, presentLoaded, presentSkill } from './skill-answers.ts'

/** How many are answered at most, where a client may say how many. */
const MOST = 1_000

const skillName = line.min(1).max(255)
const atMost = (count: number) => withDefault(z.int().min(1).max(MOST), count)
const tier = optional(line.transform(parseTier))

/** What callers learn of skills (nexus-api.md 5.2). */
export function skillMethods(skills: Skills): Method[] {
  const common = { cacheControl: CACHE.revalidate }
  return [
    defineMethod({
      ...common,
      name: 'skills_list',
      params: z.strictObject({ tier, include_metadata: withDefault(z.boolean(), true), context: ignored }),
      docs: {
        summary: 'Lists the skills that the caller can use, one for each name, the nearest tier first',
        example: { params: {} },
      },
      handle: async (params, context) => presentList(await skills.list(context, params.tier), params.include_metadata),
    }),
    defineMethod({
      ...common,
      name: 'skills_info',
      params: z.strictObject({ skill_name: skillName, context: ignored }),
      docs: {
        summary: 'Describes a skill, with all skills that it needs',
        example: { params: { skill_name: 'pdf' } },
      },
      handle: async (params, context) => presentInfo(await skills.info(context, params.skill_name)),
    }),
    defineMethod({
      ...common,
      name: 'skills_search',
      params: z.strictObject({ query: text.max(4_096), tier, limit: atMost(10), context: ignored }),
      docs: {
        summary: 'Finds usable skills by words of their names, descriptions and texts, the best first',
        example: { params: { query: 'pdf forms' } },
      },
      async handle({ query, tier: wanted, limit }, context) {
        const found = await skills.search(context, { query, tier: wanted, limit })
        const results = found.map(({ skill, score }) => ({
          skill_name: skill.name,
          score,
          description: skill.description,
          tier: skill.tier,
          file_path: skill.path,
        }))
        return { results, query, count: results.length }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_discover',
      params: z.strictObject({ filter: withDefault(z.enum(DISCOVER_FILTERS), 'all'), context: ignored }),
      docs: {
        summary: 'Lists every readable skill by path, with what it is to the caller: subscribed, public, owned',
        example: { params: { filter: 'owned' } },
      },
      async handle({ filter }, context) {
        const found = await skills.discover(context, filter)
        return { skills: found.map(presentDiscovered), count: found.length }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_load',
      params: z.strictObject({ skill_path: line.min(1), context: ignored }),
      docs: {
        summary: 'Loads a skill: its whole SKILL.md, and the paths of its other files',
        example: { params: { skill_path: '/tenant:default/user:admin/skill/pdf/' } },
      },
      handle: async (params, context) => presentLoaded(await skills.load(context, params.skill_path)),
    }),
    defineMethod({
      ...common,
      name: 'skills_get_prompt_context',
      params: z.strictObject({ max_skills: atMost(50), context: ignored }),
      docs: {
        summary: 'Writes name, description and place of the subscribed skills for the prompt of a model',
        example: { params: { max_skills: 5 } },
      },
      async handle(params, context) {
        const { skills: told, xml, tokenEstimate } = await skills.promptContext(context, params.max_skills)
        return { xml, skills: told.map(presentSkill), count: told.length, token_estimate: tokenEstimate }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_versions',
      params: z.strictObject({ skill_name: skillName, limit: atMost(100), context: ignored }),
      docs: {
        summary: "Lists the kept versions of a skill's SKILL.md, the newest first",
        example: { params: { skill_name: 'pdf' } },
      },
      async handle({ skill_name, limit }, context) {
        const { skill, versions } = await skills.versions(context, skill_name, limit)
        return {
          skill_name: skill.name,
          file_path: skill.path,
          versions: versions.map(({ file, skillVersion }) => ({
            version: file.version,
            skill_version: skillVersion,
            etag: file.etag,
            size: file.size,
            created_at: isoTime(file.createdAt),
            created_by: file.createdBy,
          })),
        }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_usage',
      params: z.strictObject({ skill_name: skillName, context: ignored }),
      docs: {
        summary: 'Tells how often a skill was loaded, exported and forked',
        example: { params: { skill_name: 'pdf' } },
      },
      async handle(params, context) {
        const { skill, usage } = await skills.usage(context, params.skill_name)
        const last = Math.max(0, ...usage.map(({ lastUsedAt }) => lastUsedAt))
        return {
          skill_name: skill.name,
          total: usage.reduce((sum, { uses }) => sum + uses, 0),
          uses: Object.fromEntries(usage.map(({ kind, uses }) => [kind, uses])),
          last_used_at: last === 0 ? null : isoTime(last),
        }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_audit',
      params: z.strictObject({ skill_name: skillName, limit: atMost(100), context: ignored }),
      docs: {
        summary: 'Tells the owner of a skill who did what to it and to its files, the newest first',
        example: { params: { skill_name: 'pdf' } },
      },
      async handle({ skill_name, limit }, context) {
        const { skill, events } = await skills.history(context, skill_name, limit)
        const entries = events.map(({ at, actor, action, path, outcome, detail }) => ({
          at: isoTime(at),
          actor,
          action,
          path,
          outcome,
          ...(detail === null ? {} : { detail: JSON.parse(detail) as unknown }),
        }))
        return { skill_name: skill.name, entries, count: entries.length }
      },
    }),
  ]
}
