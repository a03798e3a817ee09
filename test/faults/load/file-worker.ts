import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Problems } from '../proof.ts'
import { type Caller, describe, type Reply, textOf } from './caller.ts'
import type { Change, FileFacts, Ledger } from './ledger.ts'

export interface FileWorkerOptions {
  readonly caller: Caller
  readonly ledger: Ledger
  readonly problems: Problems
  /** Files are made below it, in a folder of this worker's own. */
  readonly folder: string
  /** The user with whom files are shared. */
  readonly reader: string
  /** Whether answers may be missing: something is broken on purpose. */
  readonly faults: boolean
  /** There are so many files at a time: who deletes one makes another, of a new name. @default the files only grow in number */
  readonly population?: number
}

/** A worker does not go on with more files than these; the oldest ones are left as they are. */
const LIVE_FILES = 50
const AWAY_PAUSE_MS = 25
const MISSING = -32_000

/** Writes, overwrites, shares, reads and deletes files, one call at a time, and enters into the ledger what it may conclude. */
export class FileWorker {
  readonly #options: FileWorkerOptions
  readonly #live: FileFacts[] = []
  #made = 0

  constructor(options: FileWorkerOptions) {
    this.#options = options
  }

  /** One call, as often a reading one as a writing one. */
  async step(): Promise<void> {
    await this.#step()
    for (const [index, facts] of this.#live.entries()) {
      const isOver = this.#options.population !== undefined && facts.state.contents.has(null)
      if (isOver) this.#options.ledger.forget(facts)
      if (isOver || !facts.isCertain) this.#live.splice(index, 1)
    }
    if (this.#live.length > LIVE_FILES) this.#live.shift()
  }

  #step(): Promise<void> {
    const facts = this.#live[Math.floor(Math.random() * this.#live.length)]
    const dice = Math.random()
    const { population } = this.#options
    const isFull = population !== undefined && this.#live.length >= population
    const isShort = population !== undefined && !isFull
    if (facts === undefined || isShort || (dice < 0.2 && !isFull)) return this.#write(this.#absent() ?? this.#create())
    if (dice < 0.3) return this.#write(facts)
    if (dice < 0.35) return this.#delete(facts)
    if (dice < 0.5) return this.#toggleShare(facts)
    return dice < 0.8 ? this.#read(facts) : this.#check(facts)
  }

  /** A file that was deleted, or could not be made, now and then: one of the same name must inherit nothing. */
  #absent(): FileFacts | undefined {
    return Math.random() < 0.9 ? this.#live.find(({ state }) => state.contents.has(null)) : undefined
  }

  #create(): FileFacts {
    const facts = this.#options.ledger.open(`${this.#options.folder}/${this.#made++}.txt`)
    this.#live.push(facts)
    return facts
  }

  async #write(facts: FileFacts): Promise<void> {
    const content = `${facts.path} ${randomUUID()} ${'.'.repeat(Math.floor(Math.random() * 2_000))}`
    await this.#change(facts, { content }, 'write', { path: facts.path, content })
  }

  async #delete(facts: FileFacts): Promise<void> {
    if (facts.state.contents.has(null)) return
    const reply = await this.#change(facts, { content: null, shared: false }, 'delete', { path: facts.path })
    if (reply?.kind === 'done') facts.tupleId = null
  }

  async #toggleShare(facts: FileFacts): Promise<void> {
    if (facts.state.contents.has(null)) return
    const { tupleId } = facts
    const grant = { subject: ['user', this.#options.reader], relation: 'direct_viewer', object: ['file', facts.path] }
    const reply =
      tupleId === null
        ? await this.#change(facts, { shared: true }, 'rebac_create', grant)
        : await this.#change(facts, { shared: false }, 'rebac_delete', { tuple_id: tupleId })
    if (reply?.kind === 'done') facts.tupleId = tupleId === null ? String(reply.result) : null
  }

  async #read(facts: FileFacts): Promise<void> {
    const reply = await this.#ask('read', { path: facts.path })
    if (reply === null) return
    const missing = reply.kind === 'refused' && reply.code === MISSING
    const seen = reply.kind === 'done' ? textOf(reply.result) : missing ? null : undefined
    if (seen === undefined || !facts.state.contents.has(seen))
      this.#options.problems.add(`read ${facts.path} ${describe(reply)}, which is not what was written`)
  }

  /** What the reader may do, as the owner of the file may ask. */
  async #check(facts: FileFacts): Promise<void> {
    if (facts.state.contents.has(null)) return
    const subject = ['user', this.#options.reader]
    const reply = await this.#ask('rebac_check', { subject, permission: 'read', object: ['file', facts.path] })
    if (reply === null) return
    if (reply.kind !== 'done' || !facts.state.shared.has(reply.result === true))
      this.#options.problems.add(`check of ${facts.path} ${describe(reply)}, which is not what was granted`)
  }

  /** A call that changes nothing; null if there was no answer, and that may be. */
  async #ask(method: string, params: unknown): Promise<Reply | null> {
    const { caller, ledger, faults } = this.#options
    const reply = await caller.call(method, params)
    ledger.reads += 1
    if (faults && reply.kind === 'away') await sleep(AWAY_PAUSE_MS)
    return faults && (reply.kind === 'away' || reply.kind === 'unknown') ? null : reply
  }

  /** A call that changes something; null if it may have happened, a refusal or an absence if it has not. */
  async #change(facts: FileFacts, change: Change, method: string, params: unknown): Promise<Reply | null> {
    const { caller, ledger, problems, faults } = this.#options
    const before = facts.mayBecome(change)
    const reply = await caller.call(method, params)
    if (reply.kind === 'done') {
      facts.became(before, change)
      ledger.acknowledged += 1
      return reply
    }
    if (faults && reply.kind === 'away') {
      facts.stayed(before)
      await sleep(AWAY_PAUSE_MS)
      return reply
    }
    if (!faults || reply.kind !== 'unknown') problems.add(`${JSON.stringify(params).slice(0, 200)}: ${describe(reply)}`)
    ledger.unanswered += 1
    return null
  }
}
