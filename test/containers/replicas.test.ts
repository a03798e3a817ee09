import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoKeys } from '../../gateway/keys/well-known-keys.ts'
import { Caller } from '../faults/load/caller.ts'
import type { Ledger } from '../faults/load/ledger.ts'
import { FileLoad, LOAD_USERS } from '../faults/load/file-load.ts'
import { timeToRecover } from '../faults/load/recovery.ts'
import { revokeAndUse } from '../faults/load/revoke-and-use.ts'
import { compareWithLedger } from '../faults/load/settled.ts'
import { Problems } from '../faults/proof.ts'
import { SCRATCH } from '../waves/judge.ts'
import { ComposeProject, docker } from './compose.ts'
import { buildImages } from './images.ts'
import { runContainerWaves } from './run-container-waves.ts'

const FILES = ['docker-compose.yml', 'compose.demo.yml', 'compose.replicas.yml'] as const
const REPLICAS = 3
const WORKERS = 8
const REVOCATIONS = 200
/** How long PostgreSQL is away, in milliseconds. */
const FAULT_MS = 5_000
const PAUSE_ATTEMPTS = 5
const RECOVERY = `${SCRATCH}/recovery`
const WRITES = /^nexus_rebac_call_seconds_count\{.*rpc="WriteRelationships".*\} (\d+)$/m
const TELL_METRICS = `fetch('http://127.0.0.1:9464/metrics').then((answer) => answer.text()).then(console.log)`

describe('three permission services and two gateways', () => {
  let project: ComposeProject

  beforeAll(async () => {
    await buildImages()
    project = await ComposeProject.up(...FILES)
  })

  // A set-up that failed says why by itself.
  afterAll(() => (project as ComposeProject | undefined)?.[Symbol.asyncDispose]())

  it('deny at once what another gateway has revoked, and share the work', async () => {
    const problems = new Problems()
    const granting = new Caller(await project.url(1), demoKeys.admin, WORKERS)
    const using = new Caller(await project.url(2), demoKeys.alice, WORKERS)
    const figures = await revokeAndUse({ granting, using, rounds: REVOCATIONS, workers: WORKERS, problems })
    granting.close()
    using.close()
    expect(problems.list).toEqual([])
    expect(figures).toEqual({ allowed: REVOCATIONS, denied: REVOCATIONS })
    const writes = await Promise.all((await project.containers('rebac')).map(writesOf))
    expect(writes).toHaveLength(REPLICAS)
    expect(Math.min(...writes), `writes of each: ${writes.join(', ')}`).toBeGreaterThan(0)
  })

  it('lose nothing and go on, whatever is taken from them in the middle of the waves', async () => {
    const problems = new Problems()
    const urls = [await project.url(1), await project.url(2)] as const
    const load = await FileLoad.create({ urls, workers: WORKERS, problems, faults: true })
    const stop = new AbortController()
    const running = load.run(stop.signal)
    const report = await runContainerWaves(urls[0], [], (wavesEnded) =>
      strike(project, load.ledger, urls[0], wavesEnded),
    )
    stop.abort()
    await running
    problems.addAll(report.problems)
    for (const gateway of [1, 2]) {
      const url = await project.url(gateway)
      problems.addAll(await compareWithLedger(url, load.ledger.files, LOAD_USERS))
      problems.addAll(await report.verifyWrites(url))
    }
    process.stderr.write(
      `${load.ledger.acknowledged} acknowledged writes, ${load.ledger.unanswered} without an answer\n`,
    )
    expect(problems.list).toEqual([])
  })
})

/** How many writes a permission service has taken. */
async function writesOf(replica: string): Promise<number> {
  const metrics = await docker('exec', replica, 'node', '-e', TELL_METRICS)
  return Number(WRITES.exec(metrics)?.[1] ?? 0)
}

/** Everything that may fail fails once, while the waves go on and workers write; the problems, in words. */
async function strike(
  project: ComposeProject,
  ledger: Ledger,
  url: string,
  wavesEnded: AbortSignal,
): Promise<readonly string[]> {
  for (const [name, fault] of faultsOf(project)) {
    const { acknowledged } = ledger
    await expect.poll(() => ledger.acknowledged, { timeout: 60_000 }).toBeGreaterThan(acknowledged)
    if (wavesEnded.aborted) return [`the waves ended before ${name}`]
    await fault()
    const took = await timeToRecover(url, demoKeys.admin, RECOVERY)
    process.stderr.write(`${name}: back after ${took.toFixed(0)} ms\n`)
  }
  return []
}

function faultsOf(project: ComposeProject): [string, () => Promise<void>][] {
  return [
    ['a pause of PostgreSQL', () => pausePostgres(project)],
    ['a cut of its network', () => cutOffPostgres(project)],
    ['a restart of PostgreSQL', () => project.run('restart', 'postgres').then(() => undefined)],
    ['a kill of PostgreSQL', async () => killAndStart((await project.containers('postgres'))[0])],
    ['a kill of a permission service', async () => killAndStart((await project.containers('rebac'))[1])],
    ['a kill of a gateway', async () => killAndStart((await project.containers('gateway'))[1])],
  ]
}

async function pausePostgres(project: ComposeProject): Promise<void> {
  await pause(project)
  await sleep(FAULT_MS)
  await project.run('unpause', 'postgres')
}

/** An engine does not always succeed in freezing a container whose processes are busy. */
async function pause(project: ComposeProject): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await project.run('pause', 'postgres')
      return
    } catch (error) {
      if (attempt === PAUSE_ATTEMPTS) throw error
    }
  }
}

async function cutOffPostgres(project: ComposeProject): Promise<void> {
  const [postgres = ''] = await project.containers('postgres')
  const network = `${project.name}_private`
  await docker('network', 'disconnect', '--force', network, postgres)
  await sleep(FAULT_MS)
  await docker('network', 'connect', '--alias', 'postgres', network, postgres)
}

async function killAndStart(container = ''): Promise<void> {
  await docker('kill', '--signal', 'SIGKILL', container)
  await docker('start', container)
}
