import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import type { RebacUnderTest } from '../rebac-under-test.ts'

const MAIN = fileURLToPath(new URL('./part-main.ts', import.meta.url))

export interface GatewayOrder {
  readonly fromMemory: boolean
}

export interface GatewayState {
  readonly url: string
  /** Permission questions since the start. */
  readonly asked: number
}

/** A gateway with demo data in a process of its own. */
export class GatewayUnderTest {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#child = child
  }

  /** @throws Error if it ends before it answers */
  static async start(rebac: RebacUnderTest): Promise<GatewayUnderTest> {
    const logFile = join(rebac.dataDir, 'gateway.log')
    const log = openSync(logFile, 'a')
    const child = fork(MAIN, [], {
      env: {
        PATH: process.env['PATH'],
        NEXUS_DATA_DIR: rebac.dataDir,
        NEXUS_DEMO: '1',
        NEXUS_PORT: '0',
        NEXUS_REBAC_ADDRESS: rebac.address,
        NEXUS_REBAC_TOKEN: rebac.token,
      },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', log, 'ipc'],
    })
    closeSync(log)
    const { url } = await answer(child)
    return new GatewayUnderTest(url, child)
  }

  /** Turns permission work on or off. Returns how many questions there were so far. */
  async answerFromMemory(fromMemory: boolean): Promise<number> {
    const order: GatewayOrder = { fromMemory }
    this.#child.send(order)
    return (await answer(this.#child)).asked
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}

async function answer(child: ChildProcess): Promise<GatewayState> {
  const heard = new AbortController()
  const ended = once(child, 'exit', { signal: heard.signal }).then(([code, signal]) => {
    throw new Error(`the gateway ended with ${signal ?? code}`)
  })
  try {
    const [state] = (await Promise.race([once(child, 'message', { signal: heard.signal }), ended])) as [GatewayState]
    return state
  } finally {
    heard.abort()
    ended.catch(() => undefined)
  }
}
