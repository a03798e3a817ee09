import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { connectPermissions } from '../../../gateway/permissions/rebac-permissions.ts'
import { RebacProcess } from '../../support/rebac-process.ts'
import { TestClient } from './support/client.ts'
import { SECRET, servicesForSuite } from './support/service.ts'

describe('the permission service as a process', () => {
  const { makeFolder, defer } = servicesForSuite()
  const launch = (environment: Record<string, string>) => {
    const child = new RebacProcess({ REBAC_TOKENS: `gateway:${SECRET}`, ...environment })
    defer(() => child[Symbol.asyncDispose]())
    return child
  }

  it('answers checks right again after kill -9 in the middle of them', async () => {
    const folder = await makeFolder()
    const first = launch({ NEXUS_DATA_DIR: folder })
    const address = await first.address
    const permissions = connectPermissions({
      address,
      token: SECRET,
      ca: null,
      plaintext: true,
      logger: pino({ level: 'silent' }),
    })
    defer(() => permissions.close())
    const client = new TestClient(address, SECRET)
    defer(() => client.close())
    await client.grant(...Array.from({ length: 200 }, (_, index) => `file:/f/${index}#direct_viewer@user:u${index}`))

    const ask = async (index: number) => {
      const subject = { tenant: '', type: 'user', id: `u${index % 200}`, relation: '' }
      const base = {
        tenant: 'acme',
        objectType: 'file',
        relation: 'read',
        subject,
        alsoAs: [],
        resolveInheritance: false,
      }
      const questions = [index % 200, (index + 1) % 200].map((file) => ({ ...base, objectId: `/f/${file}` }))
      const deadline = Date.now() + 20_000
      return permissions.check(questions, { context: {}, deadline, atLeastAsFresh: null })
    }
    let answered = 0
    const half = Promise.withResolvers<void>()
    const asked = Array.from({ length: 50 }, async (_, worker) => {
      for (let round = 0; round < 40; round += 1) {
        expect(await ask(worker * 40 + round)).toEqual([true, false])
        answered += 1
        if (answered === 1_000) half.resolve()
      }
    })
    await half.promise
    first.kill('SIGKILL')
    expect((await first.ended).signal).toBe('SIGKILL')
    expect(answered).toBeLessThan(2_000)
    const second = launch({ NEXUS_DATA_DIR: folder, REBAC_LISTEN: address })
    await second.address
    await Promise.all(asked)
    expect(answered).toBe(2_000)
  })

  it('drains after SIGTERM and exits with 0', async () => {
    const child = launch({ NEXUS_DATA_DIR: await makeFolder() })
    const client = new TestClient(await child.address, SECRET)
    const stream = client.raw.checkStream(client.metadata)
    const ended = new Promise<string>((resolve) => {
      stream.on('data', () => {})
      stream.on('error', (error) => resolve(error.message))
      stream.on('end', () => resolve('end'))
    })
    await client.grant('file:/a#direct_owner@user:alice')
    await expect(child.stop()).resolves.toMatchObject({ code: 0, signal: null })
    await expect(ended).resolves.toBe('end')
    client.close()
  })

  it('refuses a database file that another process owns, with exit code 3 and one sentence', async () => {
    const NEXUS_DATA_DIR = await makeFolder()
    const owner = launch({ NEXUS_DATA_DIR })
    await owner.address
    const { code, output } = await launch({ NEXUS_DATA_DIR }).ended
    expect(code).toBe(3)
    expect(output.trim().split('\n')).toHaveLength(1)
    expect(output).toContain('rebac.db')
    await expect(owner.stop()).resolves.toMatchObject({ code: 0 })
  })

  it('lists every wrong setting and exits with 2', async () => {
    const wrong = {
      NEXUS_ENV: 'staging',
      REBAC_LISTEN: 'nowhere',
      REBAC_DATABASE_URL: 'mysql://x',
      REBAC_TLS_CERT: '/x.pem',
    }
    const { code, output } = await launch({ ...wrong, REBAC_TOKENS: 'short:x', REBAC_MEMORY_BUDGET_MB: '1' }).ended
    expect(code).toBe(2)
    for (const setting of [...Object.keys(wrong), 'REBAC_TOKENS', 'REBAC_MEMORY_BUDGET_MB'])
      expect(output).toContain(setting)
    expect(output).not.toContain('short:x')
  })

  it('names the address that it cannot listen on', async () => {
    const first = launch({ NEXUS_DATA_DIR: await makeFolder() })
    const REBAC_LISTEN = await first.address
    const { code, output } = await launch({ NEXUS_DATA_DIR: await makeFolder(), REBAC_LISTEN }).ended
    expect(code).toBe(2)
    expect(output).toContain(REBAC_LISTEN)
  })

  it('warns of SQLite in production, and demands a secret there', async () => {
    const production = { NEXUS_ENV: 'production', NEXUS_DATA_DIR: await makeFolder() }
    const child = launch(production)
    await child.address
    expect((await child.stop()).output).toMatch(/"level":40.*SQLite/)
    const { code, output } = await launch({ ...production, REBAC_TOKENS: '' }).ended
    expect(code).toBe(2)
    expect(output).toContain('REBAC_TOKENS')
  })
})
