import { z } from 'zod'
import type { JsonObject } from '../../../services/common/json.ts'
import { EXPORT_FORMATS } from '../../skills/export-skill.ts'
import type { Skills } from '../../skills/skills.ts'
import { parseTier } from '../../skills/tiers.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { base64, ignored, line, optional, text, withDefault } from '../parameters.ts'
import { EXAMPLE_ARCHIVE } from './example-archive.ts'

/** Names are judged by the rules of the format, whose sentences say what is allowed. */
const name = line.min(1).max(1_024)
const tierWord = (word: string) => withDefault(line, word)
const author = optional(line.max(255))
const flag = withDefault(z.boolean(), false)

/** What makes, copies and moves skills (nexus-api.md 5.2). Tiers are answered as the client wrote them. */
export function skillChangeMethods(skills: Skills): Method[] {
  const common = { cacheControl: CACHE.none }
  return [
    defineMethod({
      ...common,
      name: 'skills_create',
      params: z.strictObject({
        name,
        description: text,
        template: withDefault(line, 'basic'),
        tier: tierWord('agent'),
        author,
        context: ignored,
      }),
      docs: {
        summary:
          'Makes a skill from a template: basic, data-analysis, code-generation, document-processing or api-integration',
        example: { params: { name: 'release-notes', description: 'Writes release notes from a changelog' } },
      },
      async handle({ name: wanted, description, template, tier, author: by }, context) {
        const facts = { name: wanted, description, template, tier: parseTier(tier), author: by }
        return { skill_path: await skills.create(context, facts), name: wanted, tier, template }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_create_from_content',
      params: z.strictObject({
        name,
        description: text,
        content: text,
        tier: tierWord('agent'),
        author,
        source_url: optional(line.max(2_048)),
        metadata: optional(z.record(z.string(), z.json())),
        context: ignored,
      }),
      docs: {
        summary: 'Makes a skill with a given Markdown text',
        example: {
          params: { name: 'tone-of-voice', description: 'How we write', content: '# Tone\n\nShort sentences.' },
        },
      },
      async handle(params, context) {
        const { name: wanted, tier, source_url: sourceUrl, metadata = {}, context: _, ...facts } = params
        const more = { sourceUrl, metadata: metadata as JsonObject }
        const path = await skills.createFromContent(context, { ...facts, ...more, name: wanted, tier: parseTier(tier) })
        return { skill_path: path, name: wanted, tier, source_url: sourceUrl ?? null }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_create_from_file',
      params: z
        .strictObject({
          source: line.min(1).max(2_048),
          file_data: optional(base64),
          name: optional(name),
          description: optional(text),
          tier: tierWord('agent'),
          use_ai: flag,
          use_ocr: flag,
          extract_tables: flag,
          extract_images: flag,
          _author: author,
          context: ignored,
        })
        .superRefine((params, context) => {
          for (const option of ['use_ai', 'use_ocr', 'extract_tables', 'extract_images'] as const) {
            const message = 'must be false: this server keeps documents as they are and has no model to read them with'
            if (params[option]) context.addIssue({ code: 'custom', path: [option], message })
          }
        }),
      docs: {
        summary: 'Makes a skill from an uploaded document, or from a file that is here already',
        example: {
          params: { source: 'style.md', file_data: Buffer.from('# Style\n\nOne idea a paragraph.').toString('base64') },
        },
      },
      async handle(params, context) {
        const { source, file_data: upload, tier, name: wanted, description, _author: by } = params
        const facts = { source, upload, name: wanted, description, tier: parseTier(tier), author: by }
        const made = await skills.createFromFile(context, facts)
        return { skill_path: made.path, name: made.name, tier, source }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_fork',
      params: z.strictObject({
        source_name: name,
        target_name: name,
        tier: tierWord('agent'),
        author,
        context: ignored,
      }),
      docs: {
        summary: 'Copies a skill with all of its files under another name, and keeps whose fork it is',
        example: { params: { source_name: 'pdf', target_name: 'pdf-forms' } },
      },
      async handle({ source_name: source, target_name: target, tier, author: by }, context) {
        const path = await skills.fork(context, { source, target, tier: parseTier(tier), author: by })
        return { forked_path: path, source_name: source, target_name: target, tier }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_publish',
      params: z.strictObject({
        skill_name: name,
        source_tier: tierWord('agent'),
        target_tier: tierWord('tenant'),
        context: ignored,
      }),
      docs: {
        summary: 'Copies a skill byte by byte to another tier; what was published there before becomes what it is now',
        example: { params: { skill_name: 'pdf' } },
      },
      async handle({ skill_name, source_tier, target_tier }, context) {
        const facts = { name: skill_name, from: parseTier(source_tier), to: parseTier(target_tier) }
        return { published_path: await skills.publish(context, facts), skill_name, source_tier, target_tier }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_import',
      params: z.strictObject({ zip_data: base64, tier: tierWord('user'), allow_overwrite: flag, context: ignored }),
      docs: {
        summary: 'Puts the skills of a zip file into a tier, as they are: all, or none',
        example: { params: { zip_data: EXAMPLE_ARCHIVE, tier: 'personal', allow_overwrite: true } },
      },
      async handle({ zip_data: archive, tier, allow_overwrite: allowOverwrite }, context) {
        const made = await skills.import(context, { archive, tier: parseTier(tier), allowOverwrite })
        return {
          imported_skills: made.map((skill) => skill.name),
          skill_paths: made.map(({ directory }) => `${directory}/`),
          tier,
        }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_validate_zip',
      params: z.strictObject({ zip_data: base64, context: ignored }),
      docs: {
        summary: 'Says what an import of a zip file would find wrong in it',
        example: { params: { zip_data: EXAMPLE_ARCHIVE } },
      },
      async handle({ zip_data: archive }) {
        const { skills: found, errors, warnings } = await skills.validate(archive)
        return { valid: errors.length === 0, skills_found: found.map((skill) => skill.name), errors, warnings }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_export',
      params: z.strictObject({
        skill_name: name,
        format: withDefault(z.enum(EXPORT_FORMATS), 'generic'),
        include_dependencies: flag,
        context: ignored,
      }),
      docs: {
        summary: 'Packs a skill with all of its files into a zip file that an import takes back',
        example: { params: { skill_name: 'pdf' } },
      },
      async handle({ skill_name, format, include_dependencies: withDependencies }, context) {
        const { skill, archive } = await skills.export(context, { name: skill_name, format, withDependencies })
        return {
          skill_name: skill.name,
          zip_data: archive.toString('base64'),
          size_bytes: archive.length,
          filename: `${skill.name}.skill`,
        }
      },
    }),
  ]
}
