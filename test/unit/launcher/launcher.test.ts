import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { withHugePages } from '../../../services/common/process/huge-pages.ts'
import { restartDelayMs } from '../../../services/launcher/back-off.ts'
import { banner } from '../../../services/launcher/banner.ts'
import { ChildRun } from '../../../services/launcher/child.ts'
import { checkPorts } from '../../../services/launcher/ports.ts'
import { readLauncherSettings } from '../../../services/launcher/settings.ts'
import { StartMessages } from '../../../services/launcher/start-messages.ts'

describe('the settings of the launcher', () => {
  it('switch the demo on in development', () => {
    const settings = readLauncherSettings({})
    expect(settings.environment).toMatchObject({ NEXUS_DEMO: '1', NEXUS_LAUNCHED: '1' })
    expect(settings.adminKey).toMatch(/^sk-default_admin_/)
    expect(settings.url).toBe('http://127.0.0.1:8080')
  })

  it('leave it off in production, and where somebody said so', () => {
    expect(readLauncherSettings({ NEXUS_ENV: 'production' }).adminKey).toBeNull()
    expect(readLauncherSettings({ NEXUS_DEMO: '0' }).environment).toMatchObject({ NEXUS_DEMO: '0' })
  })

  it('send the gateway to where the permission service listens', () => {
    expect(readLauncherSettings({ REBAC_LISTEN: '0.0.0.0:6000' }).environment['NEXUS_REBAC_ADDRESS']).toBe(
      '127.0.0.1:6000',
    )
    const given = { REBAC_LISTEN: '127.0.0.1:6000', NEXUS_REBAC_ADDRESS: 'dns:///rebac:6000' }
    expect(readLauncherSettings(given).environment['NEXUS_REBAC_ADDRESS']).toBe('dns:///rebac:6000')
  })

  it('that are wrong reach the processes as they are, which name them all', () => {
    const wrong = { NEXUS_PORT: 'web', NEXUS_DEMO: 'maybe' }
    const settings = readLauncherSettings(wrong)
    expect(settings.valid).toBe(false)
    expect(settings.environment).toMatchObject(wrong)
  })
})

describe('large pages', () => {
  it('are asked for beside what the environment says', () => {
    expect(withHugePages({ A: '1' })).toEqual({ A: '1', GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' })
    expect(withHugePages({ GLIBC_TUNABLES: 'glibc.malloc.check=3' })['GLIBC_TUNABLES']).toBe(
      'glibc.malloc.check=3:glibc.malloc.hugetlb=1',
    )
    const chosen = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=0' }
    expect(withHugePages(chosen)).toEqual(chosen)
  })
})

describe('a port in use', () => {
  it('is one sentence that names the setting', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { children } = readLauncherSettings({ NEXUS_PORT: String(port), REBAC_LISTEN: '127.0.0.1:0' })
    await expect(checkPorts(children)).rejects.toThrow(new RegExp(`127.0.0.1:${port} is in use.*NEXUS_PORT`))
    server.close()
  })
})

describe('a dead child', () => {
  it('is started at once the first time, then after growing pauses', () => {
    expect([0, 1, 2, 3, 4, 5, 6, 20].map(restartDelayMs)).toEqual([0, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000])
  })
})

describe('the settings of a child', () => {
  it.each([
    ['says so, before it is ready', 'process.send({ configured: true })', true],
    ['has ended', 'process.exitCode = 2; process.disconnect()', false],
  ])('are read when it %s', async (_, code, lives) => {
    const folder = await mkdtemp(join(tmpdir(), 'nexus-child-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const entry = join(folder, 'child.mjs')
    await writeFile(entry, code)
    const settings = readLauncherSettings(process.env)
    const [gateway] = settings.children.filter(({ name }) => name === 'gateway')
    if (gateway === undefined) throw new Error('The launcher starts no gateway.')
    const child = new ChildRun({ ...gateway, entry }, settings, new StartMessages(new PassThrough()))
    await child.configured
    if (!lives) expect(await child.exited).toEqual({ code: 2, text: 'exit code 2' })
    await child.stop()
    expect(await child.ready).toBe(false)
  })
})

describe('the messages of a start', () => {
  it('are shown once where both children say the same; log lines always', async () => {
    const out = new PassThrough()
    const messages = new StartMessages(out)
    const [first, second] = [new PassThrough(), new PassThrough()]
    messages.forward(first)
    messages.forward(second)
    first.end('Settings are wrong:\n  - A\n{"level":30}\n')
    second.end('Settings are wrong:\n  - A\n  - B\n{"level":30}\n')
    await nextTurn()
    await nextTurn()
    const lines = String(out.read()).trim().split('\n')
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual(['Settings are wrong:', '  - A', '  - B'])
    expect(lines.filter((line) => line.startsWith('{'))).toHaveLength(2)
  })
})

describe('the banner', () => {
  it('tells the address and the key of the demo', () => {
    const settings = readLauncherSettings({ NEXUS_PORT: '9000', REBAC_DATABASE_URL: 'postgres://h/d' })
    const text = banner(settings, 1.23)
    expect(text).toContain('http://127.0.0.1:9000')
    expect(text).toContain('sk-default_admin_dddddddd_')
    expect(text).toContain('permissions on PostgreSQL, metadata on SQLite')
  })
})
