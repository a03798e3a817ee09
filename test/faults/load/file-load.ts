import { SCRATCH } from '../../waves/judge.ts'
import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import type { Problems } from '../proof.ts'
import { Caller } from './caller.ts'
import { FileWorker } from './file-worker.ts'
import { Ledger } from './ledger.ts'
import type { LedgerUsers } from './settled.ts'

export interface FileLoadOptions {
  /** Of the gateways; workers are spread over them. */
  readonly urls: readonly string[]
  readonly workers: number
  readonly problems: Problems
  readonly faults: boolean
  /** Whether the ledger can be asked what had to be there at an earlier moment. @default false */
  readonly keepsPast?: boolean
  /** Of each worker, if their number stays the same. */
  readonly population?: number
  /** Awaited by each worker before each call. */
  readonly gate?: () => Promise<void>
}

/** The waves leave out what is below the root. alice may write there without owning it, so every file that she makes needs a relationship of its own. */
export const LOAD_USERS: LedgerUsers = { root: `${SCRATCH}/faults`, owner: 'alice', reader: 'bob' }

/** Workers that change files until they are told to stop. */
export class FileLoad {
  readonly ledger: Ledger
  readonly #callers: readonly Caller[]
  readonly #workers: readonly FileWorker[]
  readonly #gate: (() => Promise<void>) | undefined

  private constructor({ urls, workers, keepsPast, gate, ...options }: FileLoadOptions) {
    this.ledger = new Ledger(keepsPast)
    this.#gate = gate
    this.#callers = urls.map((url) => new Caller(url, demoKeys.alice, workers))
    this.#workers = Array.from({ length: workers }, (_, index) => {
      const caller = this.#callers[index % this.#callers.length]
      if (caller === undefined) throw new Error('a load needs a gateway')
      const folder = `${LOAD_USERS.root}/w${index}`
      return new FileWorker({ ...options, caller, ledger: this.ledger, folder, reader: LOAD_USERS.reader })
    })
  }

  static async create(options: FileLoadOptions): Promise<FileLoad> {
    const admin = new Caller(options.urls[0] ?? '', demoKeys.admin, 1)
    const { root, owner } = LOAD_USERS
    await admin.ok('mkdir', { path: root, parents: true, exist_ok: true })
    await admin.ok('rebac_create', { subject: ['user', owner], relation: 'direct_editor', object: ['file', root] })
    admin.close()
    return new FileLoad(options)
  }

  /** Resolves when every worker has had the answer to its last call. */
  async run(stop: AbortSignal): Promise<void> {
    await Promise.all(this.#workers.map((worker) => runUntil(stop, () => worker.step(), this.#gate)))
    for (const caller of this.#callers) caller.close()
  }
}

async function runUntil(stop: AbortSignal, step: () => Promise<void>, gate?: () => Promise<void>): Promise<void> {
  while (!stop.aborted) {
    await gate?.()
    await step()
  }
}
