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
  async hold<T>(tenant: string, paths: readonly string[], deadline: number, task: () => Promise<T>): Promise<T> {
    const sorted = [...new Set(paths)].sort()
    return await this.#inTurn(tenant, sorted, () => this.#holdNow(tenant, sorted, deadline, task))
  }

  /** Within this process nobody needs to try again and again; always in the same order, so nobody waits in a circle. */
  #inTurn<T>(tenant: string, paths: readonly string[], task: () => Promise<T>): Promise<T> {
    const [next, ...rest] = paths
    if (next === undefined) return task()
    return this.#turns.take(`${tenant} ${next}`, () => this.#inTurn(tenant, rest, task))
  }

  async #holdNow<T>(tenant: string, paths: readonly string[], deadline: number, task: () => Promise<T>): Promise<T> {
    const owner = uuidv7()
    const take = (until: number) =>
      this.#db.write(
        'lockMountPaths',
        { tenant, paths, owner, now: Date.now(), holdMs: HOLD_MS },
        { group: tenant, deadline: until },
      )
    while (!(await take(deadline))) {
      if (Date.now() + RETRY_MS >= deadline) {
        throw new NexusError('UNAVAILABLE', `'${paths[0]}' is being changed by somebody else; try again later.`)
      }
      await delay(RETRY_MS)
    }
    // One that could not be renewed is noticed by the database when the change is committed, if anybody changed anything.
    const renewal = setInterval(() => void take(Date.now() + RENEW_MS).catch(() => undefined), RENEW_MS)
    try {
      return await task()
    } finally {
      clearInterval(renewal)
      // Else it ends by itself.
      await this.#db.write('unlockMountPaths', { tenant, owner }, { group: tenant }).catch(() => undefined)
    }
  }
}
