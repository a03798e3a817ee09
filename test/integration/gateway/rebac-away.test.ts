import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../support/gateway-process.ts'

const DEADLINE_MS = 700

describe.each(ENGINES)('without the permission service on %s', (engine) => {
  let system: TestSystem
  let alice: GatewayClient
  const home = '/tenant:acme/user:alice'
  beforeAll(async () => {
    system = await TestSystem.start({ engine, settings: { NEXUS_REQUEST_TIMEOUT_MS: String(DEADLINE_MS) } })
    const admin = await system.as('root', { isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', home] })
    alice = await system.as('alice')
    await alice.ok('write', { path: `${home}/a`, content: 'a' })
    await alice.ok('write', { path: `${home}/skill/s/SKILL.md`, content: '---\nname: s\ndescription: d\n---\n' })
  })
  afterAll(() => system.close())

  it('calls wait until their deadline, are 503, and work again without a restart', async () => {
    await system.stopRebac()
    const calls = [
      ['read', { path: `${home}/a` }],
      ['exists', { path: `${home}/a` }],
      ['list', { path: '/' }],
      ['write', { path: `${home}/b`, content: 'b' }],
      ['mkdir', { path: `${home}/dir` }],
      ['delete', { path: `${home}/a` }],
      ['skills_list', {}],
      ['rebac_check', { subject: ['user', 'alice'], permission: 'read', object: ['file', home] }],
      ['rebac_create', { subject: ['user', 'bob'], relation: 'direct_viewer', object: ['file', home] }],
      ['rebac_list_tuples', {}],
    ] as const
    const started = performance.now()
    const answers = await Promise.all(calls.map(([method, params]) => alice.call(method, params)))
    const took = performance.now() - started
    const unavailable = { status: 503, id: 7, error: { code: -32010 } }
    expect(answers).toMatchObject(calls.map(() => unavailable))
    for (const answer of answers) expect(answer.headers.get('retry-after')).toBe('1')
    expect(took).toBeGreaterThan(DEADLINE_MS * 0.8)
    expect(took).toBeLessThan(DEADLINE_MS + 2_500)
    const readiness = await system.client(null).raw('/health/ready')
    expect(readiness.status).toBe(503)
    expect(await readiness.json()).toMatchObject({ waiting_for: ['permission service'] })
    expect((await system.client(null).raw('/health')).status).toBe(200)
    expect((await alice.call('list_mounts')).status).toBe(200)

    await system.startRebac()
    await expect
      .poll(async () => (await alice.call('read', { path: `${home}/a` })).status, { timeout: 10_000 })
      .toBe(200)
    await expect
      .poll(async () => (await system.client(null).raw('/health/ready')).status, { timeout: 10_000 })
      .toBe(200)
    expect(await alice.ok('list', { path: home })).toEqual({ files: [`${home}/a`, `${home}/skill/s/SKILL.md`] })
    expect(await alice.ok('write', { path: `${home}/b`, content: 'b' })).toMatchObject({ version: 1 })
  })

  it('a call that waits is answered when the service is back in time', async () => {
    await system.stopRebac()
    const waiting = alice.call('exists', { path: `${home}/a` })
    await system.startRebac()
    const answer = await waiting
    // Whether it is back in time is a matter of the machine; a wrong answer is not.
    expect([{ exists: true }, undefined]).toContainEqual(answer.result)
    expect([0, -32010]).toContain(answer.error?.code ?? 0)
  })
})
