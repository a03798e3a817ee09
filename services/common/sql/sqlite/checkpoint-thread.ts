import { parentPort, workerData } from 'node:worker_threads'
import { describeError } from '../../errors/nexus-error.ts'
import { openForWriting } from './open.ts'
import type { CheckpointReport } from './writer-protocol.ts'

const port = parentPort
if (port === null) throw new Error('this module runs as a worker thread')

const database = openForWriting((workerData as { readonly file: string }).file)

/** Each message asks for one checkpoint. */
port.on('message', () => {
  const report: CheckpointReport = { trouble: null }
  try {
    database.pragma('wal_checkpoint(PASSIVE)')
    port.postMessage(report)
  } catch (error) {
    port.postMessage({ trouble: describeError(error) } satisfies CheckpointReport)
  }
})
