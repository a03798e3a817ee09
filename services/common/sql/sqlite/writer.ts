import { Worker } from 'node:worker_threads'
import { NexusError } from '../../errors/nexus-error.ts'
import type { DatabaseObserver } from '../database.ts'
import { tell } from '../observe.ts'
import { siblingModule } from '../sibling-module.ts'
import { deadlinePassed, outcomeUnknown, type QueuedWrite, shuttingDown, WriteQueue } from '../write-queue.ts'
import type { WriteOutcome, WriterOrder, WriterReport, WriterThreadData } from './writer-protocol.ts'

/** A writer's thread that could not start is tried again after this long, in milliseconds. */
const RESTART_MS = 1_000

/**
 * The writer's thread as this thread sees it: one group of writes at a time is with it. If the thread is lost, its
 * group is answered "outcome unknown" and a new thread takes the rest.
 */
export class SqliteWriter {
  readonly queue = new WriteQueue()
  readonly #data: WriterThreadData
  readonly #observer: DatabaseObserver
  readonly #started = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  #worker: Worker | undefined
  #ready = false
  #everReady = false
  #closing = false
  #lastError: unknown
  #inFlight: { readonly group: readonly QueuedWrite[]; readonly sentAt: number } | undefined
  #restart: NodeJS.Timeout | undefined

  private constructor(data: WriterThreadData, observer: DatabaseObserver) {
    this.#data = data
    this.#observer = observer
    this.#spawn()
  }

  /** @throws whatever kept the thread from starting */
  static async start(data: WriterThreadData, observer: DatabaseObserver): Promise<SqliteWriter> {
    const writer = new SqliteWriter(data, observer)
    await writer.#started.promise
    return writer
  }

  add(command: string, argument: unknown, deadline: number | undefined): Promise<unknown> {
    return this.queue.add(command, argument, deadline, () => this.#send())
  }

  /** Resolves after all that waits was answered and the thread has ended. */
  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true
      this.queue.close()
      this.#send()
      this.#closeIfDone()
    }
    await this.#ended.promise
  }

  #spawn(): void {
    const worker = new Worker(siblingModule(import.meta.url, './writer-thread'), { workerData: this.#data })
    this.#worker = worker
    worker.on('message', (report: WriterReport) => this.#onReport(report))
    worker.on('error', (error) => {
      this.#lastError = error
      tell(this.#observer.onError, error)
    })
    worker.once('exit', () => this.#onExit())
  }

  #send(): void {
    if (!this.#ready || this.#inFlight !== undefined) return
    const group = this.queue.take()
    if (group.length === 0) return
    const writes = group.map(({ command, argument, deadline }) => ({ command, argument, deadline }))
    this.#inFlight = { group, sentAt: Date.now() }
    try {
      this.#post({ kind: 'group', writes })
    } catch (error) {
      // An argument that cannot be cloned: a defect of the caller, and nothing was sent.
      this.#inFlight = undefined
      for (const item of group) item.reject(internal(error))
      this.#send()
    }
  }

  #post(order: WriterOrder): void {
    this.#worker?.postMessage(order)
  }

  #closeIfDone(): void {
    if (!this.#closing || this.#inFlight !== undefined) return
    if (this.#ready) {
      this.#ready = false
      this.#post({ kind: 'close' })
    } else if (this.#restart !== undefined) {
      clearTimeout(this.#restart)
      this.queue.rejectAll(shuttingDown())
      this.#ended.resolve()
    }
  }

  #onReport(report: WriterReport): void {
    if (report.kind === 'ready') {
      this.#ready = true
      this.#everReady = true
      this.#started.resolve()
      this.#send()
      this.#closeIfDone()
    } else if (report.kind === 'late') {
      this.#inFlight?.group[report.index]?.reject(deadlinePassed())
    } else if (report.kind === 'trouble') {
      tell(this.#observer.onError, new Error(report.detail))
    } else {
      this.#onOutcomes(report.outcomes, report.commitMs)
    }
  }

  #onOutcomes(outcomes: readonly WriteOutcome[], commitMs: number): void {
    const done = this.#inFlight
    if (done === undefined) return
    this.#inFlight = undefined
    // The next group is on its way before the last one is answered, so the disk never waits for this thread.
    this.#send()
    this.#closeIfDone()
    for (const [index, item] of done.group.entries()) answer(item, outcomes[index])
    tell(this.#observer.onGroup, {
      commands: done.group.map(({ command }) => command),
      waitMs: done.sentAt - (done.group[0]?.queuedAt ?? done.sentAt),
      commitMs,
    })
  }

  #onExit(): void {
    const wasReady = this.#ready
    this.#ready = false
    this.#worker = undefined
    for (const item of this.#inFlight?.group ?? []) item.reject(outcomeUnknown(this.#lastError))
    this.#inFlight = undefined
    if (!this.#everReady) {
      this.#started.reject(this.#lastError ?? new Error('the writer thread ended'))
      this.#closing = true
    }
    if (this.#closing) {
      this.queue.close()
      this.queue.rejectAll(shuttingDown())
      this.#ended.resolve()
      return
    }
    this.#restart = setTimeout(
      () => {
        this.#restart = undefined
        this.#spawn()
      },
      wasReady ? 0 : RESTART_MS,
    )
  }
}

function answer(item: QueuedWrite, outcome: WriteOutcome | undefined): void {
  if (outcome?.ok === true) return item.resolve(outcome.value)
  if (outcome === undefined) return item.reject(internal(new Error('the writer gave no answer')))
  const cause = outcome.detail === undefined ? {} : { cause: new Error(outcome.detail) }
  const data = outcome.data === undefined ? {} : { data: outcome.data }
  item.reject(new NexusError(outcome.reason, outcome.message, { ...cause, ...data }))
}

function internal(cause: unknown): NexusError {
  return new NexusError('INTERNAL', 'The database failed; the log has the details.', { cause })
}
