import { capture, show } from './command.ts'
import { sum, type Tally } from './tally.ts'

const MAIN = 'test/faults/main.ts'
/** A proof that cannot be run on this machine, as the program says it. */
const NOT_RUN = /^\[[^\]]*\] (\S+): NOT RUN: (.+)$/gm
/** Its exit code if that is true of all that it was asked for. */
const NOTHING_RUN = 2

/** Side by side: most of them wait, for a process that starts or a lock that is held. */
const SHARDS = ['1/2', '2/2']

/** The short form of every proof, each one a test; what failed is printed. */
export async function runFaultsStage(): Promise<Tally> {
  return sum(await Promise.all(SHARDS.map(runShard)))
}

async function runShard(shard: string): Promise<Tally> {
  const { code, output } = await capture(process.execPath, [...process.execArgv, MAIN, '--fast', '--shard', shard])
  const skipped = [...output.matchAll(NOT_RUN)].map(([, name, reason]) => `the proof ${name}: ${reason}`)
  const [, passed, failed] = /\n(\d+) passed, (\d+) failed\s*$/.exec(output) ?? []
  if (code === 0 && failed === '0' && Number(passed) > 0) return { passed: Number(passed), failed: 0, skipped }
  process.stdout.write(`${output}\n`)
  return { passed: Number(passed ?? 0), failed: Math.max(Number(failed ?? 0), 1), skipped }
}

/** One proof in full; counts as one test. */
export async function runProof(name: string, minutes: number | null): Promise<Tally> {
  const duration = minutes === null ? [] : ['--minutes', String(minutes)]
  const code = await show(process.execPath, [...process.execArgv, MAIN, name, ...duration])
  if (code === NOTHING_RUN) return { passed: 0, failed: 0, skipped: [`the proof ${name}`] }
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: [] }
}
