import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../../errors/nexus-error.ts'
import type { CommandSet } from '../script.ts'
import { Checkpointer } from './checkpointer.ts'
import { openForWriting } from './open.ts'
import { SqliteStatements } from './statements.ts'
import { writeGroup } from './write-group.ts'
import type { WriterOrder, WriterReport, WriterThreadData } from './writer-protocol.ts'

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')
const report = (message: WriterReport): void => port.postMessage(message)

const { file, commandsUrl } = workerData as WriterThreadData
const { commands } = (await import(commandsUrl)) as { commands: CommandSet }
const database = openForWriting(file)
const writer = { database, statements: new SqliteStatements(database), commands }
const checkpointer = new Checkpointer(database, (error) => report({ kind: 'trouble', detail: describeError(error) }))

port.on('message', (order: WriterOrder) => {
  if (order.kind === 'close') {
    void checkpointer.close().then(() => {
      database.close()
      port.close()
    })
    return
  }
  const begun = performance.now()
  const onLate = (index: number): void => report({ kind: 'late', index })
  const outcomes = writeGroup(writer, order.writes, onLate)
  report({ kind: 'group', outcomes, commitMs: performance.now() - begun })
  checkpointer.afterCommit()
})
report({ kind: 'ready' })
