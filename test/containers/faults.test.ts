import { setTimeout as sleep } from 'node:timers/promises'
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers'
import { beforeAll, expect, it } from 'vitest'
import { demoKeys } from '../../gateway/keys/well-known-keys.ts'
import { FileLoad, LOAD_USERS } from '../faults/load/file-load.ts'
import { timeToRecover } from '../faults/load/recovery.ts'
import { compareWithLedger } from '../faults/load/settled.ts'
import { Problems } from '../faults/proof.ts'
import { buildImages } from './images.ts'
import { POSTGRES_ALIAS, type PostgresStack, postgresStack } from './stack.ts'

const WORKERS = 8
/** How long PostgreSQL is away, in milliseconds. */
const FAULT_MS = 5_000

beforeAll(buildImages)

it('PostgreSQL paused, cut off, restarted, and both processes killed under load: nothing is lost or half-applied', async () => {
  await using stack = await postgresStack()
  const problems = new Problems()
  const load = await FileLoad.create({ urls: [stack.url()], workers: WORKERS, problems, faults: true })
  const stop = new AbortController()
  const running = load.run(stop.signal)
  const recovered: string[] = []
  try {
    for (const [name, fault] of faultsOf(stack)) {
      const acknowledged = load.ledger.acknowledged
      await expect.poll(() => load.ledger.acknowledged, { timeout: 60_000 }).toBeGreaterThan(acknowledged)
      await fault()
      const took = await timeToRecover(stack.url(), demoKeys.admin, '/recovery')
      recovered.push(`${name} ${took.toFixed(0)} ms`)
    }
    await kill(stack.gateway)
  } finally {
    stop.abort()
    await running
  }
  await stack.gateway.restart()
  const { ledger } = load
  problems.addAll(await compareWithLedger(stack.url(), ledger, LOAD_USERS))
  process.stderr.write(
    `${ledger.acknowledged} acknowledged writes, ${ledger.unanswered} without an answer; back after: ${recovered.join(', ')}\n`,
  )
  expect(problems.list).toEqual([])
})

function faultsOf(stack: PostgresStack): [string, () => Promise<void>][] {
  return [
    ['a pause', () => pause(stack.postgres)],
    ['a cut', () => cutOff(stack)],
    ['a restart of PostgreSQL', () => stack.postgres.restart()],
    ['a kill of PostgreSQL', () => killAndRestart(stack.postgres)],
    ['a kill of the permission service', () => killAndRestart(stack.rebac)],
  ]
}

async function pause(container: StartedTestContainer): Promise<void> {
  const client = await getContainerRuntimeClient()
  const handle = client.container.getById(container.getId())
  await handle.pause()
  await sleep(FAULT_MS)
  await handle.unpause()
}

async function cutOff({ postgres, network }: PostgresStack): Promise<void> {
  const client = await getContainerRuntimeClient()
  const handle = client.network.getById(network.getId())
  await handle.disconnect({ Container: postgres.getId(), Force: true })
  await sleep(FAULT_MS)
  await handle.connect({ Container: postgres.getId(), EndpointConfig: { Aliases: [POSTGRES_ALIAS] } })
}

async function kill(container: StartedTestContainer): Promise<void> {
  const client = await getContainerRuntimeClient()
  await client.container.getById(container.getId()).kill({ signal: 'SIGKILL' })
}

async function killAndRestart(container: StartedTestContainer): Promise<void> {
  await kill(container)
  await container.restart()
}
