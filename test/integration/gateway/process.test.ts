import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let dataDir: string
const children: ChildProcess[] = []
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nexus-process-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  }
  await rm(dataDir, { recursive: true, force: true })
})

interface Started {
  readonly child: ChildProcess
  /** Resolves to the URL when it serves, or to null when it has ended before. */
  readonly serving: Promise<string | null>
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>
}

function start(settings: Readonly<Record<string, string>>): Started {
  const env = {
    PATH: process.env['PATH'],
    NEXUS_DATA_DIR: dataDir,
    NEXUS_PORT: '0',
    NEXUS_REBAC_ADDRESS: '127.0.0.1:1',
    ...settings,
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'gateway/main.ts'], {
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  children.push(child)
  const lines: string[] = []
  const serving = new Promise<string | null>((resolve) => {
    child.once('exit', () => resolve(null))
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line)
      const url = /"url":"([^"]+)"/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr: lines.join('\n') }))
  return { child, serving, ended }
}

describe('the gateway as a process', () => {
  it('refuses wrong settings with exit code 2, all of them at once', async () => {
    const { ended } = start({ NEXUS_PORT: 'eighty', NEXUS_DEMO: 'maybe', NEXUS_DATABASE_URL: 'mysql://x' })
    const { code, stderr } = await ended
    expect(code).toBe(2)
    for (const name of ['NEXUS_PORT', 'NEXUS_DEMO', 'NEXUS_DATABASE_URL']) expect(stderr).toContain(name)
    expect(stderr).not.toContain('    at ')
  })

  it('production without any key says how to make one', async () => {
    const { ended } = start({ NEXUS_ENV: 'production', NEXUS_REBAC_TOKEN: 'a-long-enough-secret' })
    const { code, stderr } = await ended
    expect(code).toBe(2)
    expect(stderr).toContain('NEXUS_ADMIN_KEY')
    expect(stderr).toMatch(/SQLite/)
  })

  it('a second one on the same data directory is refused with exit code 3 and one sentence', async () => {
    const one = start({})
    expect(await one.serving).not.toBeNull()
    const { code, stderr } = await start({}).ended
    expect(code).toBe(3)
    expect(stderr.split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/in use by another process/)
  })

  it('a port that is taken is named, with exit code 2', async () => {
    const url = new URL((await start({}).serving) ?? '')
    const { code, stderr } = await start({ NEXUS_DATA_DIR: join(dataDir, 'other'), NEXUS_PORT: url.port }).ended
    expect(code).toBe(2)
    expect(stderr).toContain(url.port)
  })

  it('serves and is alive although the permission service is not there, and ends with 0 after a signal', async () => {
    const { child, serving, ended } = start({ NEXUS_DEMO: '1' })
    const url = await serving
    expect((await fetch(`${url}/health`)).status).toBe(200)
    const ready = await fetch(`${url}/health/ready`)
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      { waiting_for: ['permission service', 'demo data', 'saved mounts'] },
    ])
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)
  })

  it('the key of the first administrator opens it, once made', async () => {
    const key = `sk-default_root_${'9'.repeat(40)}`
    const whoami = async (url: string | null) =>
      (await (await fetch(`${url}/api/auth/whoami`, { headers: { authorization: `Bearer ${key}` } })).json()) as object
    const settings = { NEXUS_ENV: 'production', NEXUS_REBAC_TOKEN: 'a-long-enough-secret', NEXUS_ADMIN_KEY: key }
    const one = start(settings)
    const url = await one.serving
    await expect
      .poll(() => whoami(url), { timeout: 5_000 })
      .toMatchObject({ authenticated: true, tenant_id: 'default', is_admin: true, user: 'admin' })
    one.child.kill('SIGTERM')
    await one.ended
    const { NEXUS_ADMIN_KEY: _, ...withoutKey } = settings
    expect(await whoami(await start(withoutKey).serving)).toMatchObject({ authenticated: true, user: 'admin' })
  })

  it('finishes what is in flight when it is told to stop', async () => {
    const { child, serving, ended } = start({
      NEXUS_DEMO: '0',
      NEXUS_REQUEST_TIMEOUT_MS: '1500',
      NEXUS_ADMIN_KEY: `sk-default_root_${'9'.repeat(40)}`,
    })
    const url = await serving
    const headers = { authorization: `Bearer sk-default_root_${'9'.repeat(40)}` }
    await expect.poll(async () => (await fetch(`${url}/api/auth/whoami`, { headers })).status).toBe(200)
    const body = JSON.stringify({
      id: 1,
      params: { subject: ['user', 'x'], permission: 'read', object: ['file', '/x'] },
    })
    const inFlight = fetch(`${url}/api/nfs/rebac_check`, { method: 'POST', body, headers })
    await expect
      .poll(async () =>
        (await (await fetch(`${url}/metrics`)).text()).includes('nexus_rpc_in_flight{service="gateway"} 1'),
      )
      .toBe(true)
    child.kill('SIGTERM')
    expect((await inFlight).status).toBe(503)
    expect((await ended).code).toBe(0)
    await expect(fetch(`${url}/health`)).rejects.toThrow('fetch failed')
  })
})
