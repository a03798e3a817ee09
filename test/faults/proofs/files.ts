import { compareHistories } from '../../support/file-model/histories.ts'
import { compareRaces } from '../../support/file-model/races.ts'
import { ENGINES } from '../../support/gateway-process.ts'
import { type Proof, Problems } from '../proof.ts'
import { onBothEngines } from '../system/both-engines.ts'

const RUNS_PER_ROUND = 10
const MINUTES = 10
const FAST_MS = 3_000
const PROGRESS_MS = 30_000
const SEEDS = 2 ** 31
const KINDS = { history: compareHistories, race: compareRaces } as const

/** The file system and its permissions against a model of maps, on both databases: random histories, and random races. */
export const filesProof: Proof = {
  name: 'files',
  promise:
    'the gateway answers random histories as a plain model of files and permissions does, and calls at once as it does in some order',
  async run({ fast, minutes }, say) {
    const problems = new Problems()
    const begun = Date.now()
    const until = begun + (fast ? FAST_MS : (minutes ?? MINUTES) * 60_000)
    let [seed, rounds] = [begun % SEEDS, 0]
    const compared = { history: 0, race: 0 }
    await onBothEngines(say, async (systems) => {
      for (let nextWord = begun + PROGRESS_MS; Date.now() < until; seed = (seed + 1) % SEEDS) {
        rounds += 1
        for (const [engine, system] of systems) {
          for (const [kind, compare] of Object.entries(KINDS)) {
            try {
              const options = { seed, runs: RUNS_PER_ROUND, name: `${kind}-${rounds}` }
              compared[kind as keyof typeof KINDS] += await compare(system, options)
            } catch (error) {
              problems.add(`${kind} on ${engine}, seed ${seed}: ${textOf(error)}`)
            }
          }
        }
        if (Date.now() < nextWord) continue
        nextWord = Date.now() + PROGRESS_MS
        const { history, race } = compared
        say(`${history} calls compared, ${race} at once, ${problems.list.length} differences; at seed ${seed}`)
      }
    })
    return {
      figures: {
        seconds: Math.round((Date.now() - begun) / 1_000),
        'histories, and races': rounds * RUNS_PER_ROUND * ENGINES.length,
        'calls compared': compared.history,
        'calls at once': compared.race,
      },
      problems: problems.list,
    }
  },
}

/** What fast-check says, with the difference that is its cause. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\n${error.cause.message}` : error.message
}
