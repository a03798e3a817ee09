import { setTimeout as sleep } from 'node:timers/promises'
import { FileLoad, LOAD_USERS } from '../load/file-load.ts'
import { auditDatabases, compareWithLedger } from '../load/settled.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import type { Cluster } from '../system/cluster.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const WORKERS = 8
const KILLS = { fast: 3, full: 50 }
/** From the moment that a process is ready to the next death, in milliseconds; random within these. */
const LIFE = { min: 20, max: 1_200 }

/** Both processes die again and again, in turn and at random moments, while files are written, shared and deleted. */
export function killProof(engine: 'sqlite' | 'postgres'): Proof {
  return {
    name: `kills-${engine}`,
    promise: 'SIGKILL of either process under load: every acknowledged write is there, nothing is half-applied',
    run: (scale, say) => inSandbox({ engine, say }, (sandbox) => proveKills(sandbox, scale)),
  }
}

async function proveKills({ cluster, databases, problems, say }: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const kills = scale.fast ? KILLS.fast : KILLS.full
  const load = await FileLoad.create({ urls: [cluster.url], workers: WORKERS, problems, faults: true })
  const stop = new AbortController()
  const running = load.run(stop.signal)
  try {
    await killInTurn(cluster, kills, say)
  } finally {
    stop.abort()
    await running
  }
  await cluster.ready()
  const { ledger } = load
  say(`${ledger.acknowledged} acknowledged writes, ${ledger.unanswered} without an answer; comparing`)
  problems.expect(ledger.acknowledged > 0, 'nothing was written')
  problems.addAll(await compareWithLedger(cluster.url, ledger.files, LOAD_USERS))
  problems.addAll(await cluster.stop())
  const audit = await auditDatabases(databases)
  problems.addAll([...audit.problems, ...cluster.auditLogs()])
  return {
    'kills of each process': kills,
    'acknowledged writes': ledger.acknowledged,
    'writes without an answer': ledger.unanswered,
    files: ledger.files.length,
    databases: audit.summary,
  }
}

async function killInTurn(cluster: Cluster, kills: number, say: (line: string) => void): Promise<void> {
  for (let round = 1; round <= kills; round += 1) {
    for (const { process } of cluster.members) {
      await sleep(LIFE.min + Math.random() * (LIFE.max - LIFE.min))
      await process.kill()
      await process.start()
    }
    if (round % 10 === 0) say(`each process was killed ${round} times`)
  }
}
