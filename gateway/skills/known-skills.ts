import { LRUCache } from 'lru-cache'
import type { FoundSkill, SkillPoint } from './skill-rows.ts'

/** Characters of texts that are kept at most, and what a skill takes besides them. */
const MAX_SIZE = 16 * 1024 * 1024
const OVERHEAD = 256

/**
 * Skills as they were read from the index before, so that a list need not read and write them all anew. What a row says
 * is decided by its node, its path and the number of its writing: the index is asked for these each time.
 */
export class KnownSkills {
  readonly #skills = new LRUCache<string, FoundSkill>({ maxSize: MAX_SIZE, sizeCalculation: sizeOf })

  /** undefined if the row is not known as it is now. */
  at(point: SkillPoint): FoundSkill | undefined {
    const skill = this.#skills.get(point.node_id)
    return skill !== undefined && isAt(skill, point) ? skill : undefined
  }

  add(skill: FoundSkill): void {
    this.#skills.set(skill.nodeId, skill)
  }
}

/** Whether a skill is what the index has at a point. */
export function isAt(skill: FoundSkill, { tree, path, changed_seq }: SkillPoint): boolean {
  return skill.changedSeq === changed_seq && skill.path === path && skill.tree === tree
}

function sizeOf({ path, description, requires, warnings, error }: FoundSkill): number {
  const texts = [path, description, ...requires, ...warnings, error ?? '']
  return texts.reduce((sum, text) => sum + text.length, OVERHEAD)
}
