import { EventEmitter } from 'node:events'
import { describe, expect, it } from 'vitest'
import { EndlessStreams } from '../../../services/common/grpc/endless-streams.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { WatchRequest, type WatchResponse } from '../../../services/common/gen/nexus/rebac/v1/watch.ts'
import type { ApiContext } from '../../../services/rebac/api/api-context.ts'
import { TokenCodec } from '../../../services/rebac/api/tokens.ts'
import { watchHandler } from '../../../services/rebac/api/watch/watch.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { HeadSignals } from '../../../services/rebac/tenants/head-signals.ts'

const request = { ...WatchRequest.decode(new Uint8Array()), tenant: 'acme' }
const caller = { name: 'test', readOnly: true, tenants: null }

/** A service over an empty log. */
function fakeApi({ heartbeatMs = 60_000 } = {}) {
  const signals = new HeadSignals()
  const reads: number[] = []
  const api = {
    tokens: new TokenCodec({ epoch: 'e', tokenKey: new Uint8Array(32) }),
    heartbeatMs,
    maxWatchesPerClient: 2,
    store: {
      readLog: async (_tenant: string, after: number) => {
        reads.push(after)
        return { entries: [], mayHaveMore: false }
      },
    },
    tenants: {
      onHead: (tenant: string, wake: () => void) => signals.subscribe(tenant, wake),
      state: async () => ({ revision: 7, schema: defaultSchema() }),
    },
  } as unknown as ApiContext
  return { api, signals, reads }
}

/** What grpc-js gives to a handler. */
class FakeCall extends EventEmitter {
  readonly request: WatchRequest = request
  readonly written: WatchResponse[] = []
  onWrite = (done: () => void): unknown => done()
  readonly ended = Promise.withResolvers<void>()
  cancelled = false

  cancel(): void {
    this.cancelled = true
    this.emit('cancelled')
  }

  write(message: WatchResponse, done: () => void): boolean {
    this.written.push(message)
    this.emit('written')
    this.onWrite(done)
    return true
  }

  end(): void {
    this.ended.resolve()
  }
}

function attach(streams: EndlessStreams, api: ApiContext, call: FakeCall): void {
  const toError = (error: unknown) => (error instanceof NexusError ? error : new NexusError('INTERNAL', String(error)))
  const options = { callerOf: () => caller, defaultTimeoutMs: 1, toError, onCall: () => {} }
  const handle: unknown = streams.attach('Watch', options, watchHandler(api))
  ;(handle as (call: FakeCall) => void)(call)
}

describe('a watch', () => {
  it('ends when its signal is aborted while it waits', async () => {
    const { api, signals } = fakeApi()
    const controller = new AbortController()
    const messages = watchHandler(api)(request, { caller, signal: controller.signal })
    expect((await messages.next()).value).toMatchObject({ heartbeat: true })
    expect(signals.tenants()).toEqual(['acme'])
    const waiting = messages.next()
    controller.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(signals.tenants()).toEqual([])
  })

  it('lets go of everything when its client is gone', async () => {
    const { api, signals } = fakeApi()
    const call = new FakeCall()
    const written = new Promise((resolve) => call.once('written', resolve))
    attach(new EndlessStreams(), api, call)
    await written
    call.cancel()
    await expect.poll(() => signals.tenants()).toEqual([])
  })

  it('makes the next message when the last one has left', async () => {
    const { api, signals } = fakeApi({ heartbeatMs: 0 })
    const call = new FakeCall()
    const left: (() => void)[] = []
    call.onWrite = (done) => left.push(done)
    attach(new EndlessStreams(), api, call)
    for (let count = 1; count <= 20; count += 1) {
      await expect.poll(() => left.length).toBe(count)
      for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      expect(call.written).toHaveLength(count)
      left.at(-1)?.()
    }
    // A client that goes while a message is on its way leaves nothing behind.
    await expect.poll(() => left.length).toBe(21)
    call.cancel()
    await expect.poll(() => signals.tenants()).toEqual([])
  })

  it('ends with the server, also if it begins later', async () => {
    const { api, signals } = fakeApi()
    const streams = new EndlessStreams()
    const calls = [new FakeCall(), new FakeCall()] as const
    attach(streams, api, calls[0])
    streams.endAll()
    attach(streams, api, calls[1])
    await Promise.all(calls.map(({ ended }) => ended.promise))
    expect(signals.tenants()).toEqual([])
  })
})

describe('HeadSignals', () => {
  it('wakes for what is new, once, and only those who wait', () => {
    const signals = new HeadSignals()
    let woken = 0
    signals.observe('a', 1)
    const unsubscribe = signals.subscribe('a', () => (woken += 1))
    for (const revision of [2, 2, 1, 3]) signals.observe('a', revision)
    signals.observe('b', 9)
    expect(woken).toBe(2)
    signals.wake('a')
    expect(woken).toBe(3)
    unsubscribe()
    unsubscribe()
    signals.wake('a')
    expect(woken).toBe(3)
  })
})
