import { setTimeout as delay } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { Turns } from '../files/turns.ts'
import type { GatewayDatabase } from '../store/open-store.ts'

/** A lock that is not renewed holds this long, in milliseconds. */
const HOLD_MS = 15_000
const RENEW_MS = 4_000
const RETRY_MS = 25

/** Lets changes of paths run one after the other where one is above the other, in all gateways of a database. */
export class PathLocks {
  readonly #db: GatewayDatabase
  readonly #turns = new Turns()

  constructor(db: GatewayDatabase) {
    this.#db = db
  }

  /** @throws NexusError UNAVAILABLE if it is not its turn at the deadline */
  async hold<T>(
    tenant: string,
    paths: readonly string[],
    deadline: number,
    task: (owner: string) => Promise<T>,
  ): Promise<T> {
    const sorted = [...new Set(paths)].sort()
    return await this.#inTurn(tenant, sorted, () => this.#holdNow(tenant, sorted, deadline, task))
  }

  /** Within this process nobody needs to try again and again; always in the same order, so nobody waits in a circle. */
  #inTurn<T>(tenant: string, paths: readonly string[], task: () => Promise<T>): Promise<T> {
    const [next, ...rest] = paths
    if (next === undefined) return task()
    return this.#turns.take(`${tenant} ${next}`, () => this.#inTurn(tenant, rest, task))
  }

  async #holdNow<T>(
    tenant: string,
    paths: readonly string[],
    deadline: number,
    task: (owner: string) => Promise<T>,
  ): Promise<T> {
    const owner = uuidv7()
    while (!(await take(this.#db, tenant, paths, owner, deadline))) {
      if (Date.now() + RETRY_MS >= deadline) {
        throw new NexusError('UNAVAILABLE', `'${paths[0]}' is being changed by somebody else; try again later.`)
      }
      await delay(RETRY_MS)
    }
    return await whileHeld(this.#db, tenant, paths, owner, () => task(owner))
  }
}

/** Runs a task that has those of some paths for itself that no change of paths has now; waits for none. */
export async function holdFree<T>(
  db: GatewayDatabase,
  tenant: string,
  paths: readonly string[],
  deadline: number,
  task: (owner: string, free: readonly string[]) => Promise<T>,
): Promise<T> {
  const owner = uuidv7()
  const request = { tenant, paths, owner, now: Date.now(), holdMs: HOLD_MS }
  const free = await db.write('lockFreeMountPaths', request, { group: tenant, deadline })
  if (free.length === 0) return await task(owner, free)
  return await whileHeld(db, tenant, free, owner, () => task(owner, free))
}

function take(
  db: GatewayDatabase,
  tenant: string,
  paths: readonly string[],
  owner: string,
  deadline: number,
): Promise<boolean> {
  const request = { tenant, paths, owner, now: Date.now(), holdMs: HOLD_MS }
  return db.write('lockMountPaths', request, { group: tenant, deadline })
}

async function whileHeld<T>(
  db: GatewayDatabase,
  tenant: string,
  paths: readonly string[],
  owner: string,
  task: () => Promise<T>,
): Promise<T> {
  // One that could not be renewed is noticed by the database when the change is committed, if anybody changed anything.
  const renew = (): void => void take(db, tenant, paths, owner, Date.now() + RENEW_MS).catch(() => undefined)
  const renewal = setInterval(renew, RENEW_MS)
  try {
    return await task()
  } finally {
    clearInterval(renewal)
    // Else it ends by itself.
    await db.write('unlockMountPaths', { tenant, owner }, { group: tenant }).catch(() => undefined)
  }
}
