import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import type { RanTest, RunAnswer, RunRequest, ThreadData } from './test-thread.ts'

/** A test is endless if it takes so many milliseconds of processor time, and so many times what it takes without a mutant. */
const ENDLESS_FROM = 1_000
const ENDLESS_TIMES = 10
/** What a thread that loads the tests before it begins may take for that. */
const LOADING = 60_000
const LOOK_EVERY_MS = 50

const ENDLESS = {
  status: DryRunStatus.Timeout,
  reason: 'A test took far more processor time than without the mutant.',
} as const

/**
 * Runs vitest files of the engine for Stryker in one thread, which loads them once: a mutant costs what its tests cost,
 * where vitest would start and load everything anew for each. What finds most for its time is tried first. A test that
 * does not end is recognized by its processor time, so that a busy machine finds nothing.
 */
class ThreadRunner implements TestRunner {
  #thread: Worker | null = null
  readonly #begun = new Int32Array(new SharedArrayBuffer(4))
  /** By the name of the test: milliseconds of processor time that it took last, and how many mutants it found. */
  readonly #tests = new Map<string, { time: number; found: number }>()
  #longest = 0

  capabilities() {
    return { reloadEnvironment: true }
  }

  async dryRun(): Promise<DryRunResult> {
    // What the first run compiles costs the second one nothing.
    await this.#ask({ mutant: null, hitLimit: undefined, names: null }, Infinity)
    const answer = await this.#ask({ mutant: null, hitLimit: undefined, names: null }, Infinity)
    if (answer === null) return { status: DryRunStatus.Error, errorMessage: 'The tests do not end.' }
    for (const { name, time } of answer.ran) this.#tests.set(name, { time, found: 0 })
    this.#longest = Math.max(...answer.ran.map(({ time }) => time))
    const { coverage } = answer
    const tests = answer.ran.map(testResult)
    return { status: DryRunStatus.Complete, tests, ...(coverage !== undefined && { mutantCoverage: coverage }) }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, testFilter, mutantActivation, reloadEnvironment } = options
    const loadWith = mutantActivation === 'static' ? activeMutant.id : null
    if (reloadEnvironment) await this.#end()
    const names = this.#mostLikelyFirst(testFilter ?? [...this.#tests.keys()])
    const limit = ENDLESS_FROM + ENDLESS_TIMES * this.#longest
    const answer = await this.#ask({ mutant: activeMutant.id, hitLimit, names }, limit, loadWith)
    if (answer === null) return toMutantRunResult(ENDLESS)
    const reached = determineHitLimitReached(answer.hitCount, hitLimit)
    const last = answer.ran.at(-1)
    if (last !== undefined && last.failure !== null) this.#note(last)
    return toMutantRunResult(reached ?? { status: DryRunStatus.Complete, tests: answer.ran.map(testResult) })
  }

  async dispose(): Promise<void> {
    await this.#end()
  }

  #note({ name }: RanTest): void {
    const test = this.#tests.get(name)
    if (test !== undefined) test.found++
  }

  #mostLikelyFirst(names: readonly string[]): readonly string[] {
    const rank = (name: string): number => {
      const { time, found } = this.#tests.get(name) ?? { time: 0, found: 0 }
      return (found + 0.1) / (time + 1)
    }
    return names.toSorted((one, other) => rank(other) - rank(one))
  }

  /** null if a test takes more than `limit` milliseconds of processor time, or all memory. */
  async #ask(request: RunRequest, limit: number, loadWith: string | null = null): Promise<RunAnswer | null> {
    const data: ThreadData = { begun: this.#begun, loadWith }
    const isNew = this.#thread === null
    this.#thread ??= new Worker(new URL('test-thread.ts', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: 2_048 },
    })
    const thread = this.#thread
    const { promise, resolve, reject } = Promise.withResolvers<RunAnswer | null>()
    const failed = (error: Error & { code?: string }): void =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve(null) : reject(error)
    thread.once('message', resolve).once('error', failed)
    thread.postMessage(request)
    const stop = new AbortController()
    const endless = this.#watch(limit, isNew ? LOADING : 0, stop.signal)
    try {
      const answer = await Promise.race([promise, endless])
      if (answer === null) await this.#end()
      return answer
    } finally {
      stop.abort()
      thread.off('message', resolve).off('error', failed)
    }
  }

  /** Ends with null when a test has taken more than the limit, or loading and the first one more than both. */
  async #watch(limit: number, loading: number, signal: AbortSignal): Promise<null> {
    let begun = Atomics.load(this.#begun, 0)
    let began = process.cpuUsage()
    let allowed = limit + loading
    for (;;) {
      await sleep(LOOK_EVERY_MS)
      if (signal.aborted) return null
      const now = Atomics.load(this.#begun, 0)
      if (now !== begun) {
        begun = now
        began = process.cpuUsage()
        allowed = limit
      }
      const { user, system } = process.cpuUsage(began)
      if ((user + system) / 1000 > allowed) return null
    }
  }

  async #end(): Promise<void> {
    await this.#thread?.terminate()
    this.#thread = null
  }
}

function testResult({ name, file, time, failure }: RanTest): TestResult {
  const result = { id: name, name, fileName: file, timeSpentMs: time }
  return failure === null
    ? { ...result, status: TestStatus.Success }
    : { ...result, status: TestStatus.Failed, failureMessage: failure }
}

function createRunner(): TestRunner {
  return new ThreadRunner()
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, 'thread', createRunner)]
