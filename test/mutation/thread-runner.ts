import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached,
  type DryRunResult,
  DryRunStatus,
  type MutantRunOptions,
  type MutantRunResult,
  MutantRunStatus,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner'
import type { RanTest, RunAnswer, RunRequest, ThreadData } from './test-thread.ts'

/** A test is endless if it takes so many milliseconds of processor time, and so many times what it takes without a mutant. */
const ENDLESS_FROM = 1_000
const ENDLESS_TIMES = 10
/** What loading the tests may take, and a test that was not run before. */
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
  readonly #running = new Int32Array(new SharedArrayBuffer(4))
  /** By the name of the test: milliseconds of processor time that it took last, and how many mutants it found. */
  readonly #tests = new Map<string, { time: number; found: number }>()

  capabilities() {
    return { reloadEnvironment: true }
  }

  async dryRun(): Promise<DryRunResult> {
    const answer = await this.#ask({ mutant: null, hitLimit: undefined, names: null })
    if (answer === null) return { status: DryRunStatus.Error, errorMessage: 'The tests do not end.' }
    for (const { name, time } of answer.ran) this.#tests.set(name, { time, found: 0 })
    const { coverage } = answer
    const tests = answer.ran.map(testResult)
    return { status: DryRunStatus.Complete, tests, ...(coverage !== undefined && { mutantCoverage: coverage }) }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, testFilter, mutantActivation, reloadEnvironment } = options
    const loadWith = mutantActivation === 'static' ? activeMutant.id : null
    if (reloadEnvironment) await this.#end()
    // A process that Stryker had to replace has seen no run without a mutant, and knows no tests.
    const known = testFilter ?? (this.#tests.size === 0 ? null : [...this.#tests.keys()])
    const names = known && this.#mostLikelyFirst(known)
    let answer: RunAnswer | null
    try {
      answer = await this.#ask({ mutant: activeMutant.id, hitLimit, names }, loadWith)
    } catch (error) {
      // The thread itself failed, which it does if the tests cannot even be loaded.
      await this.#end()
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 }
    }
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

  /** null if a test does not end, or takes all memory. */
  async #ask(request: RunRequest, loadWith: string | null = null): Promise<RunAnswer | null> {
    const data: ThreadData = { running: this.#running, loadWith }
    Atomics.store(this.#running, 0, 0)
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
    const endless = this.#watch(request.names ?? [], stop.signal)
    try {
      const answer = await Promise.race([promise, endless])
      if (answer === null) await this.#end()
      return answer
    } finally {
      stop.abort()
      thread.off('message', resolve).off('error', failed)
    }
  }

  /** Ends with null when a test, or loading them all, has taken too much. */
  async #watch(names: readonly string[], signal: AbortSignal): Promise<null> {
    let running = -1
    let began = process.cpuUsage()
    for (;;) {
      await sleep(LOOK_EVERY_MS)
      if (signal.aborted) return null
      const now = Atomics.load(this.#running, 0)
      if (now !== running) {
        running = now
        began = process.cpuUsage()
      }
      const { user, system } = process.cpuUsage(began)
      if ((user + system) / 1000 > this.#allowed(names[running - 1])) return null
    }
  }

  #allowed(name: string | undefined): number {
    const known = name === undefined ? undefined : this.#tests.get(name)
    return known === undefined ? LOADING : ENDLESS_FROM + ENDLESS_TIMES * known.time
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
