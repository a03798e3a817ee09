import { parentPort, workerData } from 'node:worker_threads'
import type { CommandSet } from '../script.ts'
import { openForWriting } from './open.ts'
import { SqliteStatements } from './statements.ts'
import { writeGroup } from './write-group.ts'
import type { WriterOrder, WriterReport, WriterThreadData } from './writer-protocol.ts'

/** A checkpoint is due after this long without a write, in milliseconds. */
const IDLE_CHECKPOINT_MS = 1_000
/** ... or once the log has this many pages of 4 KiB, whatever the load. */
const LOG_PAGES_LIMIT = 16_384

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
const { file, commandsUrl } = workerData as WriterThreadData
const { commands } = (await import(commandsUrl)) as { commands: CommandSet }
const database = openForWriting(file)
const statements = new SqliteStatements(database)
let lastWrite = 0
let dirty = false

const timer = setInterval(() => {
  if (dirty && Date.now() - lastWrite >= IDLE_CHECKPOINT_MS) checkpoint()
}, IDLE_CHECKPOINT_MS)
timer.unref()
let groupsSinceLook = 0

port.on('message', (order: WriterOrder) => {
  if (order.kind === 'close') {
    clearInterval(timer)
    try {
      database.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      database.close()
      port.close()
    }
    return
  }
  const begun = performance.now()
  const outcomes = writeGroup(database, statements, commands, order.writes)
  const report: WriterReport = { outcomes, commitMs: performance.now() - begun }
  port.postMessage(report)
  lastWrite = Date.now()
  dirty = true
  if (++groupsSinceLook >= 1_000) checkpoint()
})

/** Moves the log into the database, as far as readers allow; never waits for them. */
function checkpoint(): void {
  groupsSinceLook = 0
  const [state] = database.pragma('wal_checkpoint(PASSIVE)') as { log: number; checkpointed: number }[]
  dirty = state !== undefined && state.checkpointed < state.log
  if (state !== undefined && !dirty && state.log > LOG_PAGES_LIMIT) database.pragma('wal_checkpoint(TRUNCATE)')
}
