import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ledger } from '../load/ledger.ts'
import type { Member } from '../system/cluster.ts'
import type { Sandbox } from '../system/sandbox.ts'

/** What is measured: bytes, or numbers of rows. */
export const SERIES = {
  'memory of the permission service': 'bytes',
  'memory of the gateway': 'bytes',
  'permission database': 'bytes',
  'metadata database': 'bytes',
  'write-ahead logs of both': 'bytes',
  contents: 'bytes',
  'entries of the change log': 'rows',
  'idempotency keys': 'rows',
  'audit and trash': 'rows',
} as const

export type SeriesName = keyof typeof SERIES

export interface Sample {
  /** Since the beginning. */
  readonly seconds: number
  readonly values: Readonly<Record<SeriesName, number>>
  /** Writes until then. */
  readonly acknowledged: number
  /** Of the oldest entry of the change log, in seconds. */
  readonly logAge: number
}

const MEMORY = 'process_resident_memory_bytes'

/** Looks at memory, files and tables every so many milliseconds. */
export async function sampleUntil(
  stop: AbortSignal,
  every: number,
  sandbox: Sandbox,
  ledger: Ledger,
): Promise<Sample[]> {
  const begun = performance.now()
  const samples: Sample[] = []
  while (!stop.aborted) {
    const { acknowledged } = ledger
    samples.push({ ...(await sample(sandbox, (performance.now() - begun) / 1_000)), acknowledged })
    await sleep(every, undefined, { signal: stop }).catch(() => undefined)
  }
  return samples
}

async function sample({ cluster, databases, folder }: Sandbox, seconds: number): Promise<Omit<Sample, 'acknowledged'>> {
  const data = join(folder, 'data')
  const rebac = await firstRow(
    databases.query('rebac', 'select count(*) as entries, coalesce(min(committed_at), 9e15) as oldest from log'),
  )
  const keys = await firstRow(databases.query('rebac', 'select count(*) as keys from idempotency_keys'))
  const kept = await firstRow(
    databases.query('gateway', 'select (select count(*) from audit) + (select count(*) from trash) as kept'),
  )
  return {
    seconds,
    logAge: Math.max(0, Date.now() - Number(rebac['oldest'])) / 1_000,
    values: {
      'memory of the permission service': await memoryOf(cluster.rebac(0)),
      'memory of the gateway': await memoryOf(cluster.gateway(0)),
      'permission database': bytesOf(join(data, 'rebac.db')),
      'metadata database': bytesOf(join(data, 'gateway.db')),
      'write-ahead logs of both': bytesOf(join(data, 'rebac.db-wal')) + bytesOf(join(data, 'gateway.db-wal')),
      contents: sizeBelow(join(data, 'content')),
      'entries of the change log': Number(rebac['entries']),
      'idempotency keys': Number(keys['keys']),
      'audit and trash': Number(kept['kept']),
    },
  }
}

async function firstRow(rows: Promise<readonly Readonly<Record<string, unknown>>[]>): Promise<Record<string, unknown>> {
  return { ...(await rows)[0] }
}

async function memoryOf({ metricsUrl, name }: Member): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${MEMORY}{`))
  if (line === undefined) throw new Error(`${name} does not tell ${MEMORY}`)
  return Number(line.slice(line.lastIndexOf(' ')))
}

function sizeBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + bytesOf(join(parentPath, name)), 0)
}

/** 0 if it was removed meanwhile. */
function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
