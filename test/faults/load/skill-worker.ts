import { ALICE_HOME } from '../../../gateway/demo/accounts.ts'
import type { Problems } from '../proof.ts'
import { type Caller, describe } from './caller.ts'
import type { Ledger } from './ledger.ts'

interface ListedSkill {
  readonly name: string
  readonly description: string
}

/** Writes one skill again and again, and looks whether the list has its newest description. No fault is forgiven. */
export class SkillWorker {
  readonly #caller: Caller
  readonly #ledger: Ledger
  readonly #problems: Problems
  readonly #name: string
  #written = 0

  constructor(caller: Caller, ledger: Ledger, problems: Problems, name: string) {
    this.#caller = caller
    this.#ledger = ledger
    this.#problems = problems
    this.#name = name
  }

  async step(): Promise<void> {
    if (this.#written === 0 || Math.random() < 0.5) await this.write()
    else await this.look()
  }

  async write(): Promise<void> {
    const next = this.#written + 1
    const path = `${ALICE_HOME}/skill/${this.#name}/SKILL.md`
    const content = `---\nname: ${this.#name}\ndescription: written ${next} times\n---\n`
    const reply = await this.#caller.call('write', { path, content })
    if (reply.kind !== 'done') return this.#problems.add(`${path}: ${describe(reply)}`)
    this.#written = next
    this.#ledger.acknowledged += 1
  }

  /** The list as a whole must hold this worker's skill as it was written last. */
  async look(): Promise<void> {
    const reply = await this.#caller.call('skills_list', {})
    this.#ledger.reads += 1
    if (reply.kind !== 'done') return this.#problems.add(describe(reply))
    const { skills } = reply.result as { readonly skills: readonly ListedSkill[] }
    const mine = skills.find(({ name }) => name === this.#name)
    if (mine?.description !== `written ${this.#written} times`)
      this.#problems.add(`skills_list has ${this.#name} as ${JSON.stringify(mine)} after ${this.#written} writes`)
  }
}
