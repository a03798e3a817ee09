import { BatchedNotes, type BatchedNotesOptions } from '../batched-notes.ts'
import type { SkillUse } from './commands/count-uses.ts'
import type { IndexedSkill } from './skill-rows.ts'

/** In what way a skill was used. */
export type UseKind = 'load' | 'export' | 'fork'

/** Counts what is done with skills. */
export class SkillUses extends BatchedNotes<SkillUse> {
  constructor(options: BatchedNotesOptions<SkillUse>) {
    super('uses of skills were not counted', options)
  }

  note({ tree, nodeId }: Pick<IndexedSkill, 'tree' | 'nodeId'>, kind: UseKind, now: number): void {
    this.put(`${tree} ${nodeId} ${kind}`, (known) => ({
      tree,
      nodeId,
      kind,
      uses: (known?.uses ?? 0) + 1,
      lastUsedAt: now,
    }))
  }
}
