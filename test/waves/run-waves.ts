import { setTimeout as sleep } from 'node:timers/promises'
import { BackgroundWriter, type WriterFigures } from './background-writer.ts'
import { WaveClient } from './client.ts'
import { checkDemoContent } from './demo-content.ts'
import { type HealthFigures, HealthProbe } from './health-probe.ts'
import { countDifference, forbiddenWrites, LAST_USE, scrape } from './metrics.ts'
import type { Progress } from './progress.ts'
import type { WaveFigures, WaveRecorder } from './recorder.ts'
import { compareSerially, type Reference, takeReference } from './reference.ts'
import { runRounds } from './rounds.ts'
import type { WaveTarget } from './target.ts'

export interface WaveOptions {
  readonly scale: number
  readonly rounds: number
  /** Requests in flight at most, over all users. */
  readonly connections: number
  /** True where something is killed meanwhile: a 503 with Retry-After is waited out then. */
  readonly allowUnavailable: boolean
  /** Whether the answers must be those of the demo data. */
  readonly demoContent: boolean
  /** Where write counters are read; empty: not proved. */
  readonly metricsUrls: readonly string[]
  readonly progress: Progress
  /** Runs beside the waves; told to stop by the signal; gives back its problems. */
  readonly beside?: (stop: AbortSignal) => Promise<readonly string[]>
}

export interface WaveReport {
  readonly figures: readonly WaveFigures[]
  readonly health: HealthFigures
  readonly writer: WriterFigures
  /** Writes while the waves ran alone; null where no counter could be read. */
  readonly writes: ReadonlyMap<string, number> | null
  readonly problems: readonly string[]
  readonly reference: Reference
  /** Reads all background writes again, such as after a restart. */
  verifyWrites(url?: string): Promise<string[]>
}

const BATCH_LIMIT_MS = 30_000
const BATCH_LOOK_MS = 100

/** Runs the waves against a system that runs already, with the proofs that need nothing but its address. */
export async function runWaves(target: WaveTarget, options: WaveOptions): Promise<WaveReport> {
  const client = new WaveClient(target.url, options.connections)
  try {
    options.progress.say('serial run: every call alone, as the measure of all others')
    const { reference, problems } = await takeReference(client, target)
    problems.push(...(await compareSerially(client, target, reference)))
    if (options.demoContent) problems.push(...checkDemoContent(reference, target))

    const counters = options.metricsUrls.length === 0 ? null : await countWrites(client, target, reference, options)
    const together = await runTogether(client, target, reference, options)
    options.progress.say('reading all background writes again')
    problems.push(...(await together.writer.verify()), ...(await compareSerially(client, target, reference)))
    return {
      figures: together.recorders.map((recorder) => recorder.figures()),
      health: together.health,
      writer: together.written,
      writes: counters?.writes ?? null,
      problems: [...problems, ...(counters?.problems ?? []), ...together.problems],
      reference,
      verifyWrites: (url) => together.writer.verify(url),
    }
  } finally {
    client.close()
  }
}

/** One pass of the waves with nothing beside it: what does it write? */
async function countWrites(client: WaveClient, target: WaveTarget, reference: Reference, options: WaveOptions) {
  options.progress.say('one pass of the waves alone, with the write counters watched')
  const before = await scrape(options.metricsUrls)
  const recorders = await runRounds(client, target, reference, {
    scale: options.scale,
    rounds: 1,
    allowUnavailable: false,
    onProgress: () => undefined,
  })
  const late = await waitForBatches(client, target, options)
  const writes = countDifference(before, await scrape(options.metricsUrls))
  return { writes, problems: [...problemsOf(recorders), ...forbiddenWrites(writes), ...late] }
}

/** The slowest batch is that of the keys' last use: once one more call is written down, so is what came before it. */
async function waitForBatches(client: WaveClient, target: WaveTarget, options: WaveOptions): Promise<string[]> {
  const batches = async () => (await scrape(options.metricsUrls)).get(LAST_USE) ?? 0
  const before = await batches()
  const deadline = performance.now() + BATCH_LIMIT_MS
  await client.rpc(target.admin.key, 'list_mounts', {})
  while ((await batches()) === before) {
    if (performance.now() > deadline) return [`counters: no write of "${LAST_USE}" in ${BATCH_LIMIT_MS} ms`]
    await sleep(BATCH_LOOK_MS)
  }
  return []
}

/** The waves with everything beside them: health probes, a writer, and what the caller adds. */
async function runTogether(client: WaveClient, target: WaveTarget, reference: Reference, options: WaveOptions) {
  options.progress.say(
    `the waves: ${options.rounds} x ${options.scale} at once, as ${target.admin.name} and ${target.alice.name}`,
  )
  const stop = new AbortController()
  const probe = new HealthProbe(target.url)
  const writer = new BackgroundWriter(target.url, target.admin, options.allowUnavailable)
  const beside = (options.beside?.(stop.signal) ?? Promise.resolve([])).catch((error: unknown) => [
    `beside the waves: ${error instanceof Error ? error.message : String(error)}`,
  ])
  const recorders = await runRounds(client, target, reference, {
    ...options,
    onProgress: ({ round, wave, calls, failures }) =>
      options.progress.update(`round ${round}/${options.rounds}, wave ${wave}: ${calls} calls, ${failures} failures`),
  })
  stop.abort()
  const besideProblems = await beside
  const written = await writer.stop()
  const health = await probe.stop()
  const problems = [...problemsOf(recorders), ...besideProblems, ...written.problems, ...health.problems]
  return { recorders, writer, written, health, problems }
}

/** In words; those beyond the kept ones are counted. */
function problemsOf(recorders: readonly WaveRecorder[]): string[] {
  return recorders.flatMap((recorder) => {
    const more = recorder.failures - recorder.problems.length
    return more > 0 ? [...recorder.problems, `... and ${more} more like these`] : recorder.problems
  })
}
