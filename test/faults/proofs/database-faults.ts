import { setTimeout as sleep } from 'node:timers/promises'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { postgresDatabases } from '../../waves/system/postgres.ts'
import type { SystemDatabases } from '../../waves/system/databases.ts'
import { FileLoad, LOAD_USERS } from '../load/file-load.ts'
import { timeToRecover } from '../load/recovery.ts'
import { auditDatabases, compareWithLedger } from '../load/settled.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import { FaultyLink } from '../system/faulty-link.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const WORKERS = 8
const ROUNDS = { fast: 1, full: 5 }
/** How long a fault lasts, and how long the system is left in peace before it, in milliseconds. */
const FAULT_MS = { fast: 1_500, full: 5_000 }
const PEACE_MS = { fast: 500, full: 3_000 }
/** Shorter than a fault in full, so that calls do time out. */
const REQUEST_TIMEOUT_MS = '4000'
/** Besides what the same write and read take where nothing is wrong. */
const RECOVERY_LIMIT_MS = 3_000

interface Fault {
  readonly name: string
  strike(links: readonly FaultyLink[], databases: SystemDatabases): Promise<void> | void
}

const FAULTS: readonly Fault[] = [
  { name: 'paused', strike: (links) => links.forEach((link) => link.stall()) },
  { name: 'cut', strike: (links) => links.forEach((link) => link.cut()) },
  {
    // What clients see of it: all sessions are ended, and nobody listens for a while.
    name: 'restarted',
    strike: async (links, databases) => {
      for (const name of ['rebac', 'gateway'] as const) {
        await databases.query(
          name,
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
      }
      for (const link of links) link.cut()
    },
  },
]

/** PostgreSQL is away for longer than a call waits, again and again. */
export const databaseFaultsProof: Proof = {
  name: 'database-faults',
  promise:
    'PostgreSQL paused, cut off and restarted under load: no wrong answer, recovery within 3 s, and a write that ' +
    'timed out is there or it is not',
  async run(scale, say) {
    const links: FaultyLink[] = []
    try {
      return await inSandbox(
        {
          engine: 'postgres',
          say,
          settings: { NEXUS_REQUEST_TIMEOUT_MS: REQUEST_TIMEOUT_MS },
          makeDatabases: () => linkedDatabases(links, say),
        },
        (sandbox) => proveRecovery(sandbox, links, scale),
      )
    } finally {
      for (const link of links) link.close()
    }
  },
}

/** Both processes reach their databases by links of their own; queries of the proof do not pass them. */
async function linkedDatabases(links: FaultyLink[], say: (line: string) => void): Promise<SystemDatabases> {
  const databases = await postgresDatabases(say)
  const environment: Record<string, string> = {}
  for (const [name, text] of Object.entries(databases.environment)) {
    const url = new URL(text)
    const link = await FaultyLink.to(new URL(text))
    links.push(link)
    url.hostname = '127.0.0.1'
    url.port = String(link.port)
    environment[name] = url.href
  }
  return { ...databases, environment }
}

async function proveRecovery(
  { cluster, databases, problems, say }: Sandbox,
  links: readonly FaultyLink[],
  scale: Scale,
): Promise<Outcome['figures']> {
  const pick = (range: { readonly fast: number; readonly full: number }) => (scale.fast ? range.fast : range.full)
  const load = await FileLoad.create({ urls: [cluster.url], workers: WORKERS, problems, faults: true })
  const stop = new AbortController()
  const running = load.run(stop.signal)
  const slowest = new Map<string, number>()
  let calm = 0
  try {
    for (let round = 0; round < pick(ROUNDS); round += 1) {
      for (const fault of FAULTS) {
        await sleep(pick(PEACE_MS))
        calm = Math.max(calm, await timeToRecover(cluster.url, demoKeys.admin, '/recovery'))
        await fault.strike(links, databases)
        await sleep(pick(FAULT_MS))
        for (const link of links) link.heal()
        const took = await timeToRecover(cluster.url, demoKeys.admin, '/recovery')
        say(`${fault.name}: back after ${took.toFixed(0)} ms`)
        slowest.set(fault.name, Math.max(took, slowest.get(fault.name) ?? 0))
        const inTime = scale.fast || took <= RECOVERY_LIMIT_MS + calm
        problems.expect(inTime, `${fault.name}: recovery took ${took.toFixed(0)} ms`)
      }
    }
  } finally {
    stop.abort()
    await running
  }
  const { ledger } = load
  say(`${ledger.acknowledged} acknowledged writes, ${ledger.unanswered} without an answer; comparing`)
  problems.expect(scale.fast || ledger.unanswered > 0, 'no write timed out: there was no fault')
  problems.addAll(await compareWithLedger(cluster.url, ledger.files, LOAD_USERS))
  problems.addAll(await cluster.stop())
  const audit = await auditDatabases(databases)
  problems.addAll(audit.problems)
  return {
    'faults of each kind': pick(ROUNDS),
    'acknowledged writes': ledger.acknowledged,
    'writes without an answer': ledger.unanswered,
    'slowest recovery, ms': [...slowest].map(([name, took]) => `${name} ${took.toFixed(0)}`).join(', '),
    'the same without a fault, slowest, ms': calm.toFixed(0),
    databases: audit.summary,
  }
}
