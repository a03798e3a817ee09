import { setTimeout as sleep } from 'node:timers/promises'
import { ChildRun } from './child.ts'
import { restartDelayMs } from './back-off.ts'
import type { ChildSettings, LauncherSettings } from './settings.ts'
import type { StartMessages } from './start-messages.ts'

/** A child that ran this long is taken for healthy: its next crash counts as its first, in milliseconds. */
const HEALTHY_AFTER_MS = 30_000

/** Keeps one child running: a dead one is started again, at once the first time, later with growing pauses. */
export class Supervisor {
  readonly settings: ChildSettings
  readonly #launcher: LauncherSettings
  readonly #messages: StartMessages
  readonly #log: (text: string) => void
  readonly #stopping = new AbortController()
  #run: ChildRun
  #watching: Promise<void> | undefined

  constructor(
    settings: ChildSettings,
    launcher: LauncherSettings,
    messages: StartMessages,
    log: (text: string) => void,
  ) {
    this.settings = settings
    this.#launcher = launcher
    this.#messages = messages
    this.#log = log
    this.#run = new ChildRun(settings, launcher, messages)
  }

  /** Of the first run: null when it became ready, else the exit code. A failed start is not repeated. */
  async started(): Promise<number | null> {
    if (await this.#run.ready) {
      this.#watching = this.#keepRunning()
      return null
    }
    return (await this.#run.exited).code
  }

  /** Of the first run: when its settings were read, or it ended. */
  configured(): Promise<unknown> {
    return this.#run.configured
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#run.stop()
    await this.#watching
  }

  async #keepRunning(): Promise<void> {
    const stopping = this.#stopping.signal
    for (let crashes = 0; ; crashes += 1) {
      const since = Date.now()
      const exit = await this.#run.exited
      if (stopping.aborted) return
      if (Date.now() - since > HEALTHY_AFTER_MS) crashes = 0
      const delay = restartDelayMs(crashes)
      this.#log(
        `${this.settings.name} ended (${exit.text}); starting it again ${delay === 0 ? 'now' : `in ${delay / 1_000} s`}.`,
      )
      await sleep(delay, undefined, { signal: stopping }).catch(() => undefined)
      if (stopping.aborted) return
      this.#run = new ChildRun(this.settings, this.#launcher, this.#messages)
      const run = this.#run
      void run.ready.then((ready) => {
        if (ready) this.#log(`${this.settings.name} is ready again (process ${run.pid}).`)
      })
    }
  }
}
