import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { FileLoad, LOAD_USERS } from '../load/file-load.ts'
import { auditDatabases, compareWithLedger } from '../load/settled.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import { amount, plot } from '../soak/plot.ts'
import { type Sample, sampleUntil, SERIES, type SeriesName } from '../soak/sampler.ts'
import { mean, slope } from '../soak/slope.ts'
import { HOUSEKEEPING, KEPT_VERSIONS } from '../soak/times.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const MINUTES = { fast: 0.1, full: 10 }
const WORKERS = 8
/** Of all workers; few enough for a machine that does other things as well, so that the pace stays the same. */
const CALLS_PER_SECOND = 100
/** Files of each worker. */
const POPULATION = 50
const SAMPLE_MS = { fast: 1_000, full: 5_000 }
/** What may be added in the second half, as a part of what there is. */
const LEVEL = 0.1
/** Every change leaves a row that says who did it, and what is deleted goes to the trash: these are kept for good. */
const KEPT_FOR_GOOD: ReadonlySet<SeriesName> = new Set(['metadata database', 'contents', 'audit and trash'])
/** They grow until they are worth moving into their databases, again and again; in bytes. */
const LOGS: SeriesName = 'write-ahead logs of both'
const LOGS_LIMIT = 2 * 96 * 1_048_576
const PROGRAMS = { rebac: 'test/faults/soak/rebac-main.ts', gateway: 'test/faults/soak/gateway-main.ts' }

/** Files are written, shared and deleted for long; what is remembered for a while is remembered for a minute. */
export const soakProof: Proof = {
  name: 'soak',
  promise:
    'steady writes, with retentions of a minute: memory and the permission database level off, the change log is trimmed',
  run: (scale, say) =>
    inSandbox(
      { engine: 'sqlite', say, programs: PROGRAMS, settings: { NEXUS_KEPT_VERSIONS: String(KEPT_VERSIONS) } },
      (sandbox) => proveLevel(sandbox, scale),
    ),
}

async function proveLevel(sandbox: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const { cluster, databases, problems, say } = sandbox
  const minutes = scale.minutes ?? (scale.fast ? MINUTES.fast : MINUTES.full)
  const load = await FileLoad.create({
    urls: [cluster.url],
    workers: WORKERS,
    problems,
    faults: false,
    population: POPULATION,
    gate: steadyPace(CALLS_PER_SECOND),
  })
  const stop = AbortSignal.timeout(minutes * 60_000)
  const every = scale.fast ? SAMPLE_MS.fast : SAMPLE_MS.full
  const [samples] = await Promise.all([sampleUntil(stop, every, sandbox, load.ledger), load.run(stop)])
  const { ledger } = load
  say(`${ledger.acknowledged} acknowledged writes; comparing`)
  problems.addAll(await compareWithLedger(cluster.url, ledger.files, LOAD_USERS))
  problems.addAll(await cluster.stop())
  const audit = await auditDatabases(databases, KEPT_VERSIONS)
  problems.addAll([...audit.problems, ...cluster.auditLogs()])
  const middle = samples[Math.floor(samples.length / 2)]
  const oldest = Math.max(...samples.map(({ logAge }) => logAge))
  const limit = (HOUSEKEEPING.logRetentionMs + 3 * HOUSEKEEPING.intervalMs) / 1_000
  problems.expect(oldest <= limit, `an entry of the change log was ${oldest.toFixed(0)} s old`)
  const logs = Math.max(...samples.map(({ values }) => values[LOGS]))
  problems.expect(logs <= LOGS_LIMIT, `the write-ahead logs had ${amount(LOGS, logs)}`)
  const names = Object.keys(SERIES) as SeriesName[]
  const growths = names.map((name) => growthOf(samples, name))
  for (const { name, part } of growths) {
    const mayGrow = scale.fast || name === LOGS || KEPT_FOR_GOOD.has(name)
    problems.expect(mayGrow || part <= LEVEL, `${name} grew by ${percent(part)} in the second half`)
  }
  if (!scale.fast) {
    const file = join(scale.reportDir, 'soak.svg')
    mkdirSync(scale.reportDir, { recursive: true })
    const subtitle = `${minutes} minutes, ${ledger.acknowledged.toLocaleString('en')} writes; each line from nothing to the most that was seen`
    writeFileSync(file, plot(samples, 'Memory and files under steady writes', subtitle))
    say(`plot: ${file}`)
  }
  return {
    minutes,
    'acknowledged writes': ledger.acknowledged,
    'of these in the second half': ledger.acknowledged - (middle?.acknowledged ?? 0),
    samples: samples.length,
    'oldest entry of the change log, s': oldest.toFixed(0),
    ...Object.fromEntries(growths.map(({ name, text }) => [name, text])),
    databases: audit.summary,
  }
}

/** Lets so many through in a second, one after the other; who was kept waiting for long does not catch up. */
function steadyPace(perSecond: number): () => Promise<void> {
  let next = performance.now()
  return async () => {
    next = Math.max(next + 1_000 / perSecond, performance.now())
    await sleep(Math.max(0, next - performance.now()))
  }
}

/** The second half: how much there was at its end, and how much it grew, in all and per minute. */
function growthOf(samples: readonly Sample[], name: SeriesName): { name: SeriesName; part: number; text: string } {
  const half = samples.slice(Math.floor(samples.length / 2))
  const points = half.map(({ seconds, values }) => ({ x: seconds / 60, y: values[name] }))
  const perMinute = slope(points)
  const minutes = (points.at(-1)?.x ?? 0) - (points[0]?.x ?? 0)
  const part = (perMinute * minutes) / Math.max(1, mean(points.map(({ y }) => y)))
  const last = amount(name, points.at(-1)?.y ?? 0)
  const sign = perMinute < 0 ? '-' : '+'
  return {
    name,
    part,
    text: `${last}, ${sign}${amount(name, Math.abs(perMinute))} a minute (${percent(part)} in the second half)`,
  }
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`
}
