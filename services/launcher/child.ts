import { type ChildProcess, fork } from 'node:child_process'
import { withHugePages } from '../common/process/huge-pages.ts'
import { said } from '../common/process/messages.ts'
import type { StartMessages } from './start-messages.ts'
import type { ChildSettings, LauncherSettings } from './settings.ts'

/** After SIGTERM a child has this long, in milliseconds; its own limit for draining is shorter. */
const KILL_AFTER_MS = 25_000

/** A child that is still starting has no calls to finish, but may have something to say about its settings. Milliseconds. */
const KILL_STARTING_AFTER_MS = 10_000

/** One run of one child, from its start to its exit. */
export class ChildRun {
  /** Resolves when the child has read its settings, or ended. Never rejects. */
  readonly configured: Promise<unknown>
  /** Resolves to true when the child says that it is ready, to false if it ended before. */
  readonly ready: Promise<boolean>
  /** Resolves to what is worth telling about its end. Never rejects. */
  readonly exited: Promise<ChildExit>
  readonly #process: ChildProcess
  #isReady = false

  constructor(settings: ChildSettings, launcher: LauncherSettings, messages: StartMessages) {
    const child = fork(settings.entry, [], {
      env: settings.name === 'rebac' ? { ...withHugePages(launcher.environment) } : { ...launcher.environment },
      execArgv: [...process.execArgv, `--max-old-space-size=${settings.heapMb}`],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C reaches the launcher alone, which stops its children in order.
      detached: true,
    })
    this.#process = child
    if (child.stderr !== null) messages.forward(child.stderr)
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: 1, text: error.message }))
      child.once('exit', (code, signal) =>
        resolve({ code: code ?? 1, text: signal === null ? `exit code ${code}` : `signal ${signal}` }),
      )
    })
    this.configured = Promise.race([said(child, 'configured'), this.exited])
    const isReady = said(child, 'ready').then(() => (this.#isReady = true))
    this.ready = Promise.race([isReady, this.exited.then(() => false)])
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Asks the child to drain, and waits for its end. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGTERM')
    const timer = setTimeout(
      () => this.#process.kill('SIGKILL'),
      this.#isReady ? KILL_AFTER_MS : KILL_STARTING_AFTER_MS,
    )
    await this.exited
    clearTimeout(timer)
  }
}

export interface ChildExit {
  readonly code: number
  /** For people: "signal SIGKILL", "exit code 1". */
  readonly text: string
}
