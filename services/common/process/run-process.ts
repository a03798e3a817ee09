import { describeError, NexusError } from '../errors/nexus-error.ts'
import { exitCodeOf } from './exit-code.ts'
import { tellLauncher } from './messages.ts'

/** A running server. */
export interface RunningServer {
  /** Stops taking work, finishes what is in flight, closes everything. */
  close(): Promise<void>
}

/** After a signal, what is still open after this long is abandoned, in milliseconds. */
const DRAIN_LIMIT_MS = 20_000

/**
 * Runs a server until SIGTERM or SIGINT. Exit codes: 0 after a clean drain, 2 for a wrong setting, 3 for a database
 * that cannot be used, 1 for anything else. A failed start is one readable sentence on standard error. A launcher is
 * told when the settings were read, and when the server is ready.
 */
export async function runProcess<Config>(
  readConfig: () => Config,
  start: (config: Config) => Promise<RunningServer>,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
    // A launcher that died cannot send a signal; its end of the pipe closes.
    if (process.env['NEXUS_LAUNCHED'] === '1') process.once('disconnect', resolve)
  })
  let server: RunningServer
  try {
    const config = readConfig()
    tellLauncher({ configured: true })
    server = await start(config)
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`)
    process.exitCode = exitCodeOf(error)
    releaseLauncher()
    return
  }
  tellLauncher({ ready: true })
  await stopped
  const giveUp = setTimeout(() => {
    process.stderr.write(`Not drained after ${DRAIN_LIMIT_MS} ms; leaving.\n`)
    process.exit(1)
  }, DRAIN_LIMIT_MS)
  giveUp.unref()
  await server.close()
  clearTimeout(giveUp)
  releaseLauncher()
}

function startFailure(error: unknown): string {
  if (error instanceof NexusError) return error.message
  const detail = error instanceof Error ? (error.stack ?? error.message) : describeError(error)
  return `The start failed: ${detail}`
}

function releaseLauncher(): void {
  if (process.connected) process.disconnect()
}
