import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { sqliteDatabases } from '../../waves/system/sqlite.ts'
import { LOAD_USERS } from '../load/file-load.ts'
import { auditDatabases, compareWithLedger } from '../load/settled.ts'
import { auditContents } from '../power/audit-contents.ts'
import { writeFolder } from '../power/folder.ts'
import { losePower } from '../power/lose-power.ts'
import { seeded } from '../power/random.ts'
import { recordLoad, type RecordedLoad } from '../power/record-load.ts'
import type { Moment } from '../power/trace.ts'
import { noRecordingBecause } from '../power/strace.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import { Cluster } from '../system/cluster.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const LOSSES = { fast: 4, full: 100 }
const SPELLS = { fast: 1, full: 6 }
/** How much of what was not durable survives: nothing, a random half of all sectors and names, everything. */
const SURVIVAL = [0, 0.5, 1]

/** What both processes write and sync is recorded; the disk is rebuilt as the power might have left it, and started on. */
export const powerLossProof: Proof = {
  name: 'power-loss',
  promise:
    'power lost just before or after a random sync, and with it what was not synced: every write that was acknowledged ' +
    'by then is there, databases and contents are whole',
  impossibleBecause: noRecordingBecause,
  run: (scale, say) => inSandbox({ engine: 'sqlite', say }, (sandbox) => provePowerLoss(sandbox, scale)),
}

async function provePowerLoss(sandbox: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const { problems, say } = sandbox
  const load = await recordLoad(sandbox, scale.fast ? SPELLS.fast : SPELLS.full)
  const { recording, ledger, begun } = load
  const syncs = recording.syncs.filter((sync) => sync.begun.time >= begun)
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = seeded(seed)
  const losses = scale.fast ? LOSSES.fast : LOSSES.full
  let held = 0
  let acknowledged = 0
  for (let index = 0; index < losses; index += 1) {
    const sync = syncs[Math.floor(random() * syncs.length)]
    if (sync === undefined) throw new Error('nothing was synced')
    const before = random() < 0.5
    const moment = before ? sync.begun : { ...sync.ended, place: sync.ended.place + 1 }
    const survival = SURVIVAL[index % SURVIVAL.length] ?? 0
    const found = await lookAfter(sandbox, load, { moment, survives: () => random() < survival })
    const where = `power lost ${before ? 'before' : 'after'} the sync of ${sync.path} at ${moment.place}, ${survival} surviving (seed ${seed})`
    problems.addAll(found.map((problem) => `${where}: ${problem}`))
    if (found.length === 0) held += 1
    acknowledged += ledger.acknowledgedBy(moment.time)
    if ((index + 1) % 10 === 0) say(`the power was lost ${index + 1} times`)
  }
  return {
    'acknowledged writes': ledger.acknowledged,
    'writes and truncations recorded': recording.writeCount,
    'syncs recorded': recording.syncs.length,
    'losses of power': losses,
    'everything there afterwards': `${held} of ${losses}`,
    'acknowledged writes to be found, on average': Math.round(acknowledged / losses),
  }
}

interface Loss {
  readonly moment: Moment
  readonly survives: () => boolean
}

/** Starts a system on what the loss left, and says what is wrong with it, in words. */
async function lookAfter({ folder }: Sandbox, load: RecordedLoad, { moment, survives }: Loss): Promise<string[]> {
  const own = join(folder, `after-${moment.place}`)
  const data = join(own, 'data')
  writeFolder(losePower(load.recording, { place: moment.place, survives }), data)
  const databases = sqliteDatabases(data)
  const cluster = await Cluster.create({ folder: own, databases })
  const found: string[] = []
  try {
    await cluster.start()
    found.push(...(await compareWithLedger(cluster.url, load.ledger.at(moment.time), LOAD_USERS)))
  } catch (error) {
    found.push(`it ended with ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    found.push(...(await cluster.stop()))
  }
  const audit = await auditDatabases(databases)
  found.push(...audit.problems, ...cluster.auditLogs(), ...(await auditContents(databases, data)))
  if (found.length === 0) rmSync(own, { recursive: true, force: true })
  return found
}
