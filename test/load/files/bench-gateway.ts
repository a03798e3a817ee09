import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { processCpuMicros } from '../engine/process-cpu.ts'
import { type RebacUnderTest, startRebacUnderTest } from '../engine/rebac-under-test.ts'
import { LAYERS, type Layer } from './layers.ts'

const MAIN = fileURLToPath(new URL('./gateway-main.ts', import.meta.url))

/** Below the data directory: what express.static serves. */
export const STATIC_FOLDER = 'static'

export type ToGateway =
  | { readonly kind: 'key'; readonly user: string; readonly isAdmin: boolean }
  | { readonly kind: 'profile' | 'profiled' }

export interface FromGateway {
  readonly url?: string
  readonly key?: string
  /** Processor time since the start, in microseconds. */
  readonly cpuMicros?: number
  readonly mainThread?: number
  readonly layers?: Readonly<Record<Layer, number>>
  readonly error?: string
}

/** Processor time of some requests, in microseconds: the gateway's main thread by layer, its other threads, and the service's. */
export type Account = Readonly<Record<Layer | 'other_threads' | 'permission_service' | 'whole', number>>

/** A gateway and a permission service, each in a process of its own, on SQLite. */
export class BenchGateway {
  readonly url: string
  readonly dataDir: string
  readonly #child: ChildProcess
  readonly #rebac: RebacUnderTest

  private constructor(url: string, child: ChildProcess, rebac: RebacUnderTest) {
    this.url = url
    this.dataDir = rebac.dataDir
    this.#child = child
    this.#rebac = rebac
  }

  /** @param prepare runs before the gateway opens its database, of which it is given the data directory */
  static async start({
    demo = false,
    prepare,
  }: {
    readonly demo?: boolean
    readonly prepare?: (dataDir: string) => Promise<void>
  } = {}): Promise<BenchGateway> {
    const rebac = await startRebacUnderTest()
    try {
      await prepare?.(rebac.dataDir)
      const child = forkGateway(rebac, demo)
      return new BenchGateway((await answer(child)).url ?? '', child, rebac)
    } catch (error) {
      await rebac[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A new key of a user of the tenant `bench`. */
  async key(user: string, isAdmin = false): Promise<string> {
    return (await this.#order({ kind: 'key', user, isAdmin })).key ?? ''
  }

  /** What the processors do while something goes on. */
  async account(action: () => Promise<void>): Promise<Account> {
    const service = await processCpuMicros(this.#rebac.metricsUrl)
    const before = await this.#order({ kind: 'profile' })
    await action()
    const after = await this.#order({ kind: 'profiled' })
    if (after.layers === undefined) throw new Error('the gateway gave no account')
    const spent = (of: 'cpuMicros' | 'mainThread'): number => (after[of] ?? 0) - (before[of] ?? 0)
    const otherThreads = spent('cpuMicros') - spent('mainThread')
    const permissionService = (await processCpuMicros(this.#rebac.metricsUrl)) - service
    return {
      ...scaled(after.layers, spent('mainThread')),
      other_threads: otherThreads,
      permission_service: permissionService,
      whole: spent('cpuMicros') + permissionService,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.disconnect()
      await ended
    }
    await this.#rebac[Symbol.asyncDispose]()
  }

  #order(order: ToGateway): Promise<FromGateway> {
    const answered = answer(this.#child)
    this.#child.send(order)
    return answered
  }
}

/** A profile goes by the clock on the wall, which goes on while others have the processor: its shares are what counts. */
function scaled(layers: Readonly<Record<Layer, number>>, whole: number): Record<Layer, number> {
  const sum = LAYERS.reduce((total, layer) => total + layers[layer], 0)
  return Object.fromEntries(LAYERS.map((layer) => [layer, (layers[layer] / sum) * whole])) as Record<Layer, number>
}

function forkGateway(rebac: RebacUnderTest, demo: boolean): ChildProcess {
  const log = openSync(join(rebac.dataDir, 'gateway.log'), 'a')
  const child = fork(MAIN, [], {
    env: {
      PATH: process.env['PATH'],
      NEXUS_DATA_DIR: rebac.dataDir,
      NEXUS_PORT: '0',
      NEXUS_REBAC_ADDRESS: rebac.address,
      NEXUS_REBAC_TOKEN: rebac.token,
      ...(demo ? { NEXUS_DEMO: '1' } : {}),
    },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', log, 'ipc'],
  })
  closeSync(log)
  return child
}

/** @throws Error if it ends before it answers, or could not do what it was told */
async function answer(child: ChildProcess): Promise<FromGateway> {
  const heard = new AbortController()
  const ended = once(child, 'exit', { signal: heard.signal }).then(([code, signal]) => {
    throw new Error(`the gateway ended with ${signal ?? code}`)
  })
  try {
    const [message] = (await Promise.race([once(child, 'message', { signal: heard.signal }), ended])) as [FromGateway]
    if (message.error !== undefined) throw new Error(message.error)
    return message
  } finally {
    heard.abort()
    ended.catch(() => undefined)
  }
}
