import { describeError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { SkillUse } from './commands/count-uses.ts'
import type { IndexedSkill } from './skill-rows.ts'

/** In what way a skill was used. */
export type UseKind = 'load' | 'export' | 'fork'

export interface SkillUsesOptions {
  readonly save: (uses: readonly SkillUse[]) => Promise<void>
  readonly logger: Pick<Logger, 'warn'>
  /** Milliseconds between writes. @default 5000 */
  readonly intervalMs?: number
}

/** Counts what is done with skills, and writes it for all of them at once every few seconds. A crash may lose the last ones. */
export class SkillUses {
  readonly #counted = new Map<string, SkillUse>()
  readonly #options: SkillUsesOptions
  readonly #timer: NodeJS.Timeout
  #saving: Promise<void> = Promise.resolve()

  constructor(options: SkillUsesOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.flush(), options.intervalMs ?? 5_000)
    this.#timer.unref()
  }

  note({ tree, nodeId }: Pick<IndexedSkill, 'tree' | 'nodeId'>, kind: UseKind, now: number): void {
    const key = `${tree} ${nodeId} ${kind}`
    const known = this.#counted.get(key)
    this.#counted.set(key, { tree, nodeId, kind, uses: (known?.uses ?? 0) + 1, lastUsedAt: now })
  }

  /** What was counted of a skill and is not written yet. */
  waiting(nodeId: string): readonly SkillUse[] {
    return [...this.#counted.values()].filter((use) => use.nodeId === nodeId)
  }

  /** Never fails: a count is not worth an error. */
  flush(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save())
    return this.#saving
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  async #save(): Promise<void> {
    if (this.#counted.size === 0) return
    const uses = [...this.#counted.values()]
    this.#counted.clear()
    try {
      await this.#options.save(uses)
    } catch (error) {
      this.#options.logger.warn({ skills: uses.length, error: describeError(error) }, 'uses of skills were not counted')
    }
  }
}
