import { readdirSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext, type MutantCoverage } from '@stryker-mutator/api/core'
import fc from 'fast-check'
import { type CollectedTest, collectTests } from './collected-tests.ts'

/** What the thread is to run, one request after another. */
export interface RunRequest {
  /** null: none, which tells what the tests cover. */
  readonly mutant: string | null
  readonly hitLimit: number | undefined
  /** The tests in the order in which to try them; null: all. With a mutant, the first that fails is the last. */
  readonly names: readonly string[] | null
}

export interface RanTest {
  readonly name: string
  readonly file: string
  /** Milliseconds of processor time. */
  readonly time: number
  /** null: it passed. */
  readonly failure: string | null
}

export interface RunAnswer {
  readonly ran: readonly RanTest[]
  readonly hitCount: number | undefined
  /** Only without a mutant. */
  readonly coverage: MutantCoverage | undefined
}

export interface ThreadData {
  /** Which of the tests of the request is running, from 1 on; 0: none has begun. */
  readonly running: Int32Array
  /** The mutant to load the modules with, for those that are about what runs then; null: none. */
  readonly loadWith: string | null
}

const SEED = 20_260_101
const FOLDER = 'test/unit/engine'
/** Chains of 100,000 show what is slow or recurses, not what is wrong; the other tests no code of the engine. */
const EXCLUDED = ['long-chains.test.ts', 'rules.test.ts']
/** What is read from the store is other code; the engine over it is the same. */
const EXCLUDED_NAMES = /over parts/

const { running, loadWith }: ThreadData = workerData
const context: InstrumenterContext = (Object(globalThis)[INSTRUMENTER_CONSTANTS.NAMESPACE] ??= {})
if (loadWith !== null) context.activeMutant = loadWith
const tests = await loadTests(join(process.cwd(), FOLDER))

parentPort?.on('message', (request: RunRequest) => {
  void answer(request).then((given) => parentPort?.postMessage(given))
})

async function answer({ mutant, hitLimit, names }: RunRequest): Promise<RunAnswer> {
  Object.assign(context, { activeMutant: mutant ?? '', hitCount: 0, hitLimit })
  const ran: RanTest[] = []
  for (const [index, name] of (names ?? [...tests.keys()]).entries()) {
    Atomics.store(running, 0, index + 1)
    const test = tests.get(name)
    if (test === undefined) throw new Error(`There is no test ${name}.`)
    const one = await run(test)
    ran.push(one)
    if (mutant !== null && one.failure !== null) break
  }
  context.activeMutant = ''
  return { ran, hitCount: context.hitCount, coverage: mutant === null ? context.mutantCoverage : undefined }
}

async function run({ name, file, run: body }: CollectedTest): Promise<RanTest> {
  context.currentTestId = name
  const before = process.threadCpuUsage()
  const failure = await body().then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const { user, system } = process.threadCpuUsage(before)
  delete context.currentTestId
  return { name, file, time: (user + system) / 1000, failure }
}

async function loadTests(folder: string): Promise<ReadonlyMap<string, CollectedTest>> {
  // The same worlds for every mutant.
  fc.configureGlobal({ seed: SEED })
  Object.assign(process.env, { NEXUS_PROPERTY_RUNS: '8', NEXUS_PROPERTY_SEED: String(SEED) })
  const { href } = new URL('collected-tests.ts', import.meta.url)
  registerHooks({
    resolve: (specifier, from, next) =>
      specifier === 'vitest' && from.parentURL !== href ? { url: href, shortCircuit: true } : next(specifier, from),
  })
  const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !EXCLUDED.includes(name))
  const loaded = new Map<string, CollectedTest>()
  for (const file of files) {
    const { href: url } = pathToFileURL(join(folder, file))
    for (const test of await collectTests(`${FOLDER}/${file}`, () => import(url))) {
      if (loaded.has(test.name)) throw new Error(`Two tests are called ${test.name}.`)
      if (!EXCLUDED_NAMES.test(test.name)) loaded.set(test.name, test)
    }
  }
  return loaded
}
