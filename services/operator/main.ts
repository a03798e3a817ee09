import { describeError, NexusError } from '../common/errors/nexus-error.ts'
import { loadDotEnv } from '../common/process/dot-env.ts'
import { exitCodeOf } from '../common/process/exit-code.ts'
import { backup } from './backup/backup.ts'
import { help, readOrder } from './order.ts'
import { migrate } from './migrate/migrate.ts'
import { Progress } from './progress.ts'
import { restore } from './restore/restore.ts'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())

loadDotEnv()
try {
  const order = readOrder(process.argv.slice(2), process.env)
  const progress = new Progress(process.stderr, interrupted.signal)
  process.stdout.write(`${order.kind === 'help' ? help(order.about) : await carryOut(order, progress)}\n`)
} catch (error) {
  const message =
    error instanceof NexusError ? error.message : `It failed, and changed nothing: ${describeError(error)}.`
  process.stderr.write(`${message}\n`)
  process.exitCode = exitCodeOf(error)
}

/** The line that says what was done. */
function carryOut(
  order: Exclude<ReturnType<typeof readOrder>, { readonly kind: 'help' }>,
  progress: Progress,
): Promise<string> {
  switch (order.kind) {
    case 'backup':
      return backup(order.places, order.to, progress)
    case 'restore':
      return restore(order.from, order.places, progress)
    case 'migrate':
      return migrate(order.from, order.to, progress)
  }
}
