import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { WaveClient } from './client.ts'
import type { HealthFigures } from './health-probe.ts'

const INTERVAL_MS = 100

/** A gateway that answers slower than this is not responsive, in milliseconds. */
const LIMIT_MS = 1_000

const { url } = workerData as { url: string }
const client = new WaveClient(url, 4)
const stop = new AbortController()
parentPort?.once('message', () => stop.abort())

const problems: string[] = []
let probes = 0
let max = 0
while (!stop.signal.aborted) {
  await probe()
  await sleep(INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => undefined)
}
client.close()
parentPort?.postMessage({ probes, max, problems } satisfies HealthFigures)

async function probe(): Promise<void> {
  probes += 1
  try {
    const { status, ms } = await client.get('/health')
    max = Math.max(max, ms)
    if (status !== 200) problems.push(`health: HTTP ${status}`)
    if (ms > LIMIT_MS) problems.push(`health: answered after ${Math.round(ms)} ms`)
  } catch (error) {
    problems.push(`health: ${error instanceof Error ? error.message : String(error)}`)
  }
}
