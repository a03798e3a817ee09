import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { withHugePages } from '../../services/common/process/huge-pages.ts'
import type { Environment } from '../../services/common/config/settings.ts'

const MAIN = fileURLToPath(new URL('../../services/rebac/main.ts', import.meta.url))

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Everything that it said on standard error. */
  readonly output: string
}

/** A permission service as a process of its own. */
export class RebacProcess {
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #address = Promise.withResolvers<string>()

  constructor(environment: Environment) {
    const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
    this.#child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
      env: { ...withHugePages({ ...inherited, REBAC_LISTEN: '127.0.0.1:0', ...environment }) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    if (this.#child.stderr !== null) createInterface(this.#child.stderr).on('line', (line) => this.#read(line))
    this.ended = this.#waitForEnd()
    this.#address.promise.catch(() => {})
  }

  /** Where it serves, once it does. @throws if it ends before */
  get address(): Promise<string> {
    return this.#address.promise
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async stop(): Promise<Ending> {
    this.kill('SIGTERM')
    return this.ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.ended
  }

  #read(line: string): void {
    this.#lines.push(line)
    const address = /serving on ([\d.]+:\d+)/.exec(line)?.[1]
    if (address !== undefined) this.#address.resolve(address)
  }

  async #waitForEnd(): Promise<Ending> {
    await once(this.#child, 'close')
    const { exitCode: code, signalCode: signal } = this.#child
    const output = this.#lines.join('\n')
    this.#address.reject(new Error(`the permission service ended with ${code ?? signal}: ${output}`))
    return { code, signal, output }
  }
}
