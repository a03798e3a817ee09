import { afterEach, describe, expect, it } from 'vitest'
import type { PermissionService } from '../../../gateway/permissions/rebac-permissions.ts'
import { bytes } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

/** Permissions whose checks wait until the test lets them go. */
class HeldPermissions {
  #held = false
  #waiting: (() => void)[] = []
  #arrived: (() => void) | undefined

  /** From now on checks wait; resolves when so many do. */
  hold(count: number): Promise<void> {
    this.#held = true
    return new Promise((resolve) => {
      this.#arrived = () => {
        if (this.#waiting.length === count) resolve()
      }
    })
  }

  release(): void {
    this.#held = false
    for (const go of this.#waiting.splice(0)) go()
  }

  between = (inner: PermissionService): PermissionService => {
    const held = new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...given: unknown[]) => unknown
        return name === 'check' || name === 'verdicts'
          ? (...given: unknown[]) => this.#hold(() => call(...given))
          : call
      },
    })
    return held
  }

  async #hold(call: () => unknown): Promise<unknown> {
    if (this.#held) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        this.#arrived?.()
      })
    }
    return await call()
  }
}

describe.each(ENGINES)('a gateway that ends, on %s', (engine) => {
  let system: TestSystem
  const permissions = new HeldPermissions()
  const start = async (drainMs: number) => {
    system = await TestSystem.start({ engine, faults: { drainMs, permissions: permissions.between } })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('write', { path: '/docs/a.txt', content: 'a' })
    await admin.ok('rebac_create', {
      subject: ['user', 'bob'],
      relation: 'direct_owner',
      object: ['file', '/docs'],
    })
    return system.as('bob')
  }
  afterEach(async () => {
    permissions.release()
    await system.close()
  })

  it('lets calls in flight finish', async () => {
    const bob = await start(60_000)
    const arrived = permissions.hold(1)
    const reading = bob.call('read', { path: '/docs/a.txt' })
    await arrived
    const closed = system.closeGateway()
    await expect
      .poll(() =>
        bob.raw('/health').then(
          () => 'taken',
          () => 'refused',
        ),
      )
      .toBe('refused')
    permissions.release()
    const answer = await reading
    expect([answer.status, answer.result]).toEqual([200, bytes('a')])
    await closed
  })

  it('answers calls that take longer that they have to be made again', async () => {
    const bob = await start(200)
    const arrived = permissions.hold(6)
    const calls = [
      bob.call('read', { path: '/docs/a.txt' }),
      bob.call('list', { path: '/docs' }),
      bob.call('write', { path: '/docs/b.txt', content: 'b' }),
    ]
    const streamed = [
      bob.raw('/api/files/docs/a.txt'),
      bob.raw('/api/files/docs/c.txt', { method: 'PUT', body: 'c' }),
      bob.raw('/api/uploads', {
        method: 'POST',
        headers: {
          'tus-resumable': '1.0.0',
          'upload-length': '1',
          'upload-metadata': `path ${Buffer.from('/docs/d.txt').toString('base64')}`,
        },
      }),
    ]
    await arrived
    await system.closeGateway()
    const refusal = { code: -32010, message: expect.stringContaining('try again') }
    for (const call of calls) {
      const { status, headers, id, error } = await call
      expect({ status, id, error }).toMatchObject({ status: 503, id: 7, error: refusal })
      expect([headers.get('retry-after'), headers.get('connection')]).toEqual(['1', 'close'])
    }
    for (const call of streamed) {
      const response = await call
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
      expect(await response.json()).toMatchObject({ error: refusal })
    }
  })
})
