import { setTimeout as sleep } from 'node:timers/promises'
import { NexusError } from '../common/errors/nexus-error.ts'
import { loadDotEnv } from '../common/process/dot-env.ts'
import { banner } from './banner.ts'
import { checkPorts } from './ports.ts'
import { type LauncherSettings, readLauncherSettings } from './settings.ts'
import { StartMessages } from './start-messages.ts'
import { Supervisor } from './supervisor.ts'

/** When one child refuses its settings, the other one has this long to read its own, in milliseconds. */
const OTHER_PROBLEMS_MS = 15_000

const started = performance.now()
const stopRequested = new Promise<void>((resolve) => {
  // Not `once`: a terminal, npm and a service manager may all send it, and a second one must not cut the drain short.
  process.on('SIGTERM', () => resolve())
  process.on('SIGINT', () => resolve())
  process.on('SIGHUP', () => resolve())
})

loadDotEnv()
try {
  const settings = readLauncherSettings(process.env)
  if (settings.valid) await checkPorts(settings.children)
  process.exitCode = await run(settings)
} catch (error) {
  if (!(error instanceof NexusError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}

/** The exit code of the whole system. */
async function run(settings: LauncherSettings): Promise<number> {
  const messages = new StartMessages(process.stderr)
  const children = settings.children.map((child) => new Supervisor(child, settings, messages, say))
  const start = await Promise.race([startAll(children), stopRequested])
  if (typeof start === 'number') {
    await Promise.race([
      Promise.all(children.map((child) => child.configured())),
      sleep(OTHER_PROBLEMS_MS, undefined, { ref: false }),
    ])
    await stopAll(children)
    return start
  }
  if (start !== undefined) {
    messages.startOver()
    process.stdout.write(banner(settings, (performance.now() - started) / 1_000))
    await stopRequested
  }
  await stopAll(children)
  return 0
}

/** Resolves to null when all are ready, or to the exit code of the first that failed. */
function startAll(children: readonly Supervisor[]): Promise<number | null> {
  return new Promise((resolve) => {
    const starts = children.map(async (child) => {
      const failure = await child.started()
      if (failure !== null) resolve(failure)
    })
    // The first call of `resolve` counts, so this says null only if none failed.
    void Promise.all(starts).then(() => resolve(null))
  })
}

/** The gateway first: what it has in flight still needs the permission service. */
async function stopAll(children: readonly Supervisor[]): Promise<void> {
  for (const child of children.toReversed()) await child.stop()
}

function say(text: string): void {
  process.stderr.write(`[launcher] ${text}\n`)
}
