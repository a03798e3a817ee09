import type { IndexRow, WriteIndexer } from '../files/indexer.ts'
import { readSkillDocument } from './skill-document.ts'
import { SKILL_FILE } from './tiers.ts'

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
    }
  },
}
