import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import type { TestSystem } from '../gateway-process.ts'
import type { Call } from './calls.ts'
import { answer } from './model.ts'
import { actors, calls } from './random-calls.ts'
import { RealFiles } from './real-files.ts'
import type { Actor } from './rights.ts'
import { describeCall, FileDifference, requireSame, snapshotOf } from './same.ts'
import type { ModelState } from './state.ts'

/** One call of somebody, put to the model and to the gateway. */
class CallCommand implements fc.AsyncCommand<ModelState, RealFiles> {
  readonly #actor: Actor
  readonly #call: Call

  constructor(actor: Actor, call: Call) {
    this.#actor = actor
    this.#call = call
  }

  check(): boolean {
    return true
  }

  async run(model: ModelState, real: RealFiles): Promise<void> {
    const expected = answer(model, this.#actor, this.#call)
    requireSame(this.#actor, this.#call, expected, await real.call(this.#actor, this.#call))
  }

  toString(): string {
    return describeCall(this.#actor, this.#call)
  }
}

const commands = fc.commands([fc.tuple(actors, calls).map(([actor, call]) => new CallCommand(actor, call))], {
  maxCommands: 120,
  size: 'max',
})

export interface HistoriesOptions {
  readonly seed: number
  readonly runs: number
  /** Of tenants; no two runs on one system may use the same. */
  readonly name: string
}

/**
 * Histories of random calls by several users: every answer, and in the end everything that is there, must be the model's.
 * @returns how many calls were compared
 * @throws Error of fast-check with the shortest history that differs
 */
export async function compareHistories(system: TestSystem, { seed, runs, name }: HistoriesOptions): Promise<number> {
  let tenants = 0
  let compared = 0
  const property = fc.asyncProperty(commands, async (history) => {
    const start = await RealFiles.create(system, `${name}-${++tenants}`)
    await fc.asyncModelRun(() => start, history)
    compared += [...history].length
    const [expected, found] = [snapshotOf(start.model), await start.real.snapshot()]
    if (isDeepStrictEqual(found, expected)) return
    throw new FileDifference(`in the end\n  expected ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}`)
  })
  await fc.assert(property, { seed, numRuns: runs })
  return compared
}
