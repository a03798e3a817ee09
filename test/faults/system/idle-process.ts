import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('./idle-main.ts', import.meta.url))

/** A process that does nothing: how late its event loop is, the machine makes everybody late. */
export class IdleProcess {
  readonly #child: ChildProcess = fork(PROGRAM, { execArgv: ['--disable-warning=ExperimentalWarning'] })

  /** Since the start, 99 times of 100, in milliseconds. Ends the process. */
  async stop(): Promise<number> {
    const answer = once(this.#child, 'message')
    this.#child.send('how late?')
    const [milliseconds] = (await answer) as [number]
    return milliseconds
  }
}
