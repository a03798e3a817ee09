import type { IndexRow, WriteIndexer } from '../files/indexer.ts'
import { splitFrontMatter } from './front-matter.ts'
import { readSkillDocument } from './skill-document.ts'
import { SKILL_FILE } from './tiers.ts'
import { countWords } from './words.ts'

/** Different words of one SKILL.md that can be searched for. */
const MAX_TERMS = 4_000
/** As much of a body is searched, in characters; a SKILL.md is best below 500 lines. */
const MAX_BODY = 262_144

/**
 * Reads each SKILL.md once, when it is written, wherever it is: a directory that is moved to where skills are looked
 * for takes its row along.
 */
export const skillIndexer: WriteIndexer = {
  wants: (path: string) => path.endsWith(`/${SKILL_FILE}`),

  index(path: string, content: Uint8Array): IndexRow | null {
    if (!this.wants(path)) return null
    const skill = readSkillDocument(path.split('/').at(-2) ?? '', content)
    return {
      name: skill.name,
      description: skill.description,
      version: skill.version,
      author: skill.author,
      requires: JSON.stringify(skill.requires),
      metadata: JSON.stringify(skill.metadata),
      skillCreatedAt: skill.createdAt,
      skillModifiedAt: skill.modifiedAt,
      warnings: JSON.stringify(skill.warnings),
      error: skill.error,
      terms: [...countWords(bodyOf(content), MAX_TERMS)],
    }
  },
}

/** What stands below the front matter; all of it where there is none. */
function bodyOf(content: Uint8Array): string {
  const text = new TextDecoder().decode(content)
  const parts = splitFrontMatter(text)
  return (parts.ok ? parts.body : text).slice(0, MAX_BODY)
}
