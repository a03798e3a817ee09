import { type ChildProcess, fork } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import { said } from '../../../services/common/process/messages.ts'

/** A start that takes longer has failed, in milliseconds; the first one of the demo writes its data. */
const START_LIMIT_MS = 90_000

/** A process of the system, with its output in a file. */
export class SystemProcess {
  readonly #entry: string
  readonly #environment: Record<string, string>
  readonly #logFile: string
  #child: ChildProcess | undefined

  constructor(entry: string, environment: Record<string, string>, logFile: string) {
    this.#entry = entry
    this.#environment = environment
    this.#logFile = logFile
  }

  /** Resolves when the process says that it is ready. */
  async start(): Promise<void> {
    const log = openSync(this.#logFile, 'a')
    const child = fork(this.#entry, [], {
      // It stops by itself when this process is gone: its end of the channel closes.
      env: { ...foreignEnvironment(), ...this.#environment, NEXUS_LAUNCHED: '1' },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    this.#child = child
    await new Promise<void>((resolve, reject) => {
      const failed = (reason: string) => reject(new Error(`${this.#entry} ${reason}; its log is ${this.#logFile}`))
      const timer = setTimeout(() => failed(`was not ready after ${START_LIMIT_MS} ms`), START_LIMIT_MS)
      const settle = (action: () => void) => () => {
        clearTimeout(timer)
        action()
      }
      void said(child, 'ready').then(settle(resolve))
      child.once('exit', (code, signal) => settle(() => failed(`ended with ${signal ?? code} at start`))())
      child.once('error', (error) => settle(() => failed(error.message))())
    })
  }

  /** @throws Error if it does not run */
  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error(`${this.#entry} does not run`)
    return pid
  }

  /** Ends the process without warning. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** Asks the process to drain; the exit code, 0 if all went well. */
  async stop(): Promise<number> {
    return this.#end('SIGTERM')
  }

  #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve(0)
    return new Promise((resolve) => {
      child.once('exit', (code) => resolve(code ?? 1))
      child.kill(signal)
    })
  }
}

/** Without the settings of whoever runs this. */
function foreignEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(NEXUS|REBAC)_/.test(name)))
}
