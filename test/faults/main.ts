import { parseArgs } from 'node:util'
import { keepExitCode } from '../../scripts/checks/keep-exit-code.ts'
import type { Outcome, Proof } from './proof.ts'
import { proofs } from './proofs/all.ts'

const USAGE = `test/faults/main.ts [names] [--fast] [--shard I/N] [--minutes N] [--report DIRECTORY]

  --fast        a few seconds of each proof
  --shard I/N   every Nth proof, from the Ith on
  --minutes N   how long a proof that is measured in time goes on
  --report DIR  where pictures are written (reports)

proofs: ${proofs.map(({ name }) => name).join(', ')}
`

/** The exit code if nothing could be run on this machine. */
const NOTHING_RUN = 2

keepExitCode()
const started = performance.now()
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      fast: { type: 'boolean', default: false },
      shard: { type: 'string', default: '1/1' },
      minutes: { type: 'string' },
      report: { type: 'string', default: 'reports' },
    },
  })
  const named = proofs.filter(
    ({ name }) => positionals.length === 0 || positionals.some((word) => name.startsWith(word)),
  )
  if (named.length === 0) throw new Error(`There is no proof of that name: ${positionals.join(' ')}.`)
  const chosen = shardOf(named, values.shard)
  const minutes = values.minutes === undefined ? null : Number(values.minutes)
  if (minutes !== null && !(minutes > 0))
    throw new Error(`--minutes is "${values.minutes}" but must be a number above 0.`)
  let failed = 0
  let notRun = 0
  for (const proof of chosen) {
    const reason = proof.impossibleBecause?.() ?? null
    if (reason !== null) {
      say(`${proof.name}: NOT RUN: ${reason}`)
      notRun += 1
      continue
    }
    say(`${proof.name}: ${proof.promise}`)
    const outcome = await outcomeOf(proof, { fast: values.fast, minutes, reportDir: values.report })
    print(proof, outcome)
    if (outcome.problems.length > 0) failed += 1
  }
  process.stdout.write(`\n${chosen.length - failed - notRun} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 ? 1 : notRun === chosen.length ? NOTHING_RUN : 0
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exitCode = 1
}

function shardOf(all: readonly Proof[], shard: string): readonly Proof[] {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(shard) ?? []).map(Number)
  if (index === undefined || count === undefined || index < 1 || index > count) {
    throw new Error(`--shard is "${shard}" but must be I/N with I from 1 to N.`)
  }
  return all.filter((_, place) => place % count === index - 1)
}

async function outcomeOf(proof: Proof, scale: Parameters<Proof['run']>[0]): Promise<Outcome> {
  try {
    return await proof.run(scale, (line) => say(`  ${line}`))
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { figures: {}, problems: [`it ended with ${text}`] }
  }
}

function print({ name }: Proof, { figures, problems }: Outcome): void {
  for (const [figure, value] of Object.entries(figures)) say(`  ${figure}: ${value}`)
  for (const problem of problems) say(`  PROBLEM: ${problem}`)
  say(`${name}: ${problems.length === 0 ? 'holds' : 'DOES NOT HOLD'}`)
}

function say(text: string): void {
  process.stdout.write(`[${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s] ${text}\n`)
}
