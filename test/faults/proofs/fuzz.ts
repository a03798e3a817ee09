import { FuzzedSystem } from '../../support/fuzz/fuzz-system.ts'
import { type Proof, Problems } from '../proof.ts'
import { onBothEngines } from '../system/both-engines.ts'

const REQUESTS_PER_ROUND = { fast: 100, full: 500 }
const MINUTES = 10
const FAST_MS = 3_000
const PROGRESS_MS = 30_000
const SEEDS = 2 ** 31

/** Paths, parameters, special values, envelopes, headers and bytes that no client would send, on both databases. */
export const fuzzProof: Proof = {
  name: 'fuzz',
  promise:
    'whatever is sent is answered or refused: no internal error, no crash, nothing of another tenant, no stray file',
  async run({ fast, minutes }, say) {
    const problems = new Problems()
    const begun = Date.now()
    const runs = fast ? REQUESTS_PER_ROUND.fast : REQUESTS_PER_ROUND.full
    let [seed, rounds] = [begun % SEEDS, 0]
    await onBothEngines(say, async (systems) => {
      const fuzzed = await Promise.all(
        systems.map(async ([engine, system]) => [engine, await FuzzedSystem.create(system)] as const),
      )
      const until = Date.now() + (fast ? FAST_MS : (minutes ?? MINUTES) * 60_000)
      for (let nextWord = begun + PROGRESS_MS; rounds === 0 || Date.now() < until; seed = (seed + 1) % SEEDS) {
        for (const [engine, one] of fuzzed) {
          rounds += 1
          await one.run({ seed, runs }).catch((error: unknown) => {
            problems.add(
              `on ${engine}, seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
            )
          })
        }
        if (Date.now() < nextWord) continue
        nextWord = Date.now() + PROGRESS_MS
        say(`${rounds} rounds of ${runs} of each kind, ${problems.list.length} problems; at seed ${seed}`)
      }
      for (const [, one] of fuzzed) one.close()
    })
    return {
      figures: {
        seconds: Math.round((Date.now() - begun) / 1_000),
        'calls, envelopes and requests to routes, each': rounds * runs,
      },
      problems: problems.list,
    }
  },
}
