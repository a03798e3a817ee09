import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import { type DatabaseObserver, DEFAULT_TIMEOUT_MS, type ReadOptions } from '../database.ts'
import { tell } from '../observe.ts'
import { runScriptAsync } from '../run-script.ts'
import type { Script } from '../script.ts'
import { cancelled } from '../../errors/nexus-error.ts'
import { isConflict, isConnectionLoss, postgresError } from './errors.ts'
import { execute } from './pool.ts'

const FIRST_RETRY_MS = 10
const LAST_RETRY_MS = 500
/** A script of many statements has no other bound than this, in milliseconds. */
const LONG_TIMEOUT_MS = 600_000

/**
 * Runs a script that only reads, again after a lost connection while there is time.
 * @throws NexusError UNAVAILABLE, INTERNAL, and what the script throws
 */
export async function readScript<T>(
  pool: pg.Pool,
  script: () => Script<T>,
  options: ReadOptions,
  observer: DatabaseObserver,
): Promise<T> {
  const deadline = options.deadline ?? Date.now() + (options.long === true ? LONG_TIMEOUT_MS : DEFAULT_TIMEOUT_MS)
  const once = options.snapshot === true || options.long === true ? readSnapshot : readLoose
  for (let attempt = 1, pause = FIRST_RETRY_MS; ; attempt++, pause = Math.min(pause * 2, LAST_RETRY_MS)) {
    try {
      return await once(pool, script, deadline, options.signal)
    } catch (error) {
      const again = isConnectionLoss(error) || isConflict(error)
      if (!again || Date.now() + pause >= deadline) throw postgresError(error)
      tell(observer.onRetry, { error, attempt })
      await delay(pause * (0.5 + Math.random()))
    }
  }
}

/** Each statement on its own: one round trip each, and each sees what was committed before it. */
function readLoose<T>(pool: pg.Pool, script: () => Script<T>, deadline: number): Promise<T> {
  return runScriptAsync(script(), (statement) => execute(pool, statement, timeLeft(deadline)))
}

async function readSnapshot<T>(
  pool: pg.Pool,
  script: () => Script<T>,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const client = await pool.connect()
  try {
    const run = (text: string) => client.query({ text, query_timeout: timeLeft(deadline) } as pg.QueryConfig)
    await run('begin isolation level repeatable read read only')
    const value = await runScriptAsync(script(), (statement) => {
      if (signal?.aborted === true) throw cancelled()
      return execute(client, statement, timeLeft(deadline))
    })
    await run('commit')
    client.release()
    return value
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** In milliseconds, at least 1: to pg 0 is for ever. */
function timeLeft(deadline: number): number {
  return Math.max(deadline - Date.now(), 1)
}
