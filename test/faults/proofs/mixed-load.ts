import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { Caller } from '../load/caller.ts'
import { FileLoad, LOAD_USERS } from '../load/file-load.ts'
import { SkillWorker } from '../load/skill-worker.ts'
import { auditDatabases, compareWithLedger } from '../load/settled.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import { eventLoopP99 } from '../system/event-loop.ts'
import { IdleProcess } from '../system/idle-process.ts'
import { holdWriteLock } from '../system/lock-holder.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const FILE_CLIENTS = 48
const SKILL_CLIENTS = 16
const SECONDS = { fast: 5, full: 60 }
/** The outside process takes the lock of both databases this often, and keeps it this long. In milliseconds. */
const LOCK = { every: 10_000, for: 2_000 }
/** Besides what the machine itself takes from a process that does nothing. */
const EVENT_LOOP_LIMIT_MS = 20

/** Everybody writes and reads, and somebody else locks the databases meanwhile: not one call may fail. */
export const mixedLoadProof: Proof = {
  name: 'load-sqlite',
  promise:
    '64 clients read and write files, skills and tuples while an outside process takes the write lock of SQLite ' +
    '2 s out of 10: no error, nothing lost, no gap',
  run: (scale, say) => inSandbox({ engine: 'sqlite', say }, (sandbox) => proveLoad(sandbox, scale)),
}

async function proveLoad(sandbox: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const { cluster, databases, problems, say } = sandbox
  const seconds = scale.minutes === null ? (scale.fast ? SECONDS.fast : SECONDS.full) : scale.minutes * 60
  const load = await FileLoad.create({ urls: [cluster.url], workers: FILE_CLIENTS, problems, faults: false })
  const caller = new Caller(cluster.url, demoKeys.alice, SKILL_CLIENTS)
  const skills = Array.from(
    { length: SKILL_CLIENTS },
    (_, index) => new SkillWorker(caller, load.ledger, problems, `faults-${index}`),
  )
  const idle = new IdleProcess()
  await Promise.all(cluster.members.map(eventLoopP99))
  const stop = AbortSignal.timeout(seconds * 1_000)
  const [locks] = await Promise.all([
    lockNowAndThen(sandbox, stop),
    load.run(stop),
    ...skills.map(async (skill) => {
      while (!stop.aborted) await skill.step()
    }),
  ])
  const delays = await Promise.all(cluster.members.map(eventLoopP99))
  const idleDelay = await idle.stop()
  const { ledger } = load
  say(`${ledger.acknowledged} writes and ${ledger.reads} reads; comparing`)
  for (const skill of skills) await skill.look()
  caller.close()
  problems.expect(locks > 0, 'the lock was never taken')
  problems.addAll(await compareWithLedger(cluster.url, ledger.files, LOAD_USERS))
  problems.addAll(await cluster.stop())
  const audit = await auditDatabases(databases)
  problems.addAll([...audit.problems, ...cluster.auditLogs()])
  const figures: Record<string, number | string> = {
    seconds,
    'acknowledged writes': ledger.acknowledged,
    reads: ledger.reads,
    'times that the lock was taken for 2 s': locks,
    databases: audit.summary,
  }
  figures['event-loop delay p99 of a process that does nothing, ms'] = idleDelay.toFixed(1)
  for (const [index, { name }] of cluster.members.entries()) {
    const delay = delays[index] ?? Infinity
    figures[`event-loop delay p99 of ${name}, ms`] = delay.toFixed(1)
    // A few seconds on a machine that does other things as well measure that machine.
    const inTime = scale.fast || delay <= EVENT_LOOP_LIMIT_MS + idleDelay
    problems.expect(inTime, `the event loop of ${name} was ${delay.toFixed(1)} ms late (p99)`)
  }
  return figures
}

async function lockNowAndThen({ folder }: Sandbox, stop: AbortSignal): Promise<number> {
  let locks = 0
  for (;;) {
    await sleep(locks === 0 ? LOCK.for / 2 : LOCK.every - LOCK.for, undefined, { signal: stop }).catch(() => undefined)
    if (stop.aborted) return locks
    const files = ['gateway.db', 'rebac.db'].map((file) => join(folder, 'data', file))
    await Promise.all(files.map((file) => holdWriteLock(file, LOCK.for)))
    locks += 1
  }
}
