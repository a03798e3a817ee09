import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../../../services/launcher/main.ts', import.meta.url))

it('wrong settings end the launcher with 2, and each of them is named once, whichever process reads it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'nexus-launcher-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const wrong = {
    NEXUS_ENV: 'prod',
    NEXUS_PORT: 'web',
    REBAC_LISTEN: 'nowhere',
    NEXUS_DEMO: 'maybe',
    NEXUS_MAX_BODY_MB: 'much',
    REBAC_MEMORY_BUDGET_MB: '-1',
  }
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NEXUS_DATA_DIR: dataDir, ...wrong },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = text(child.stderr)
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code).toBe(2)
  const lines = (await said).split('\n')
  for (const name of Object.keys(wrong)) {
    expect(
      lines.filter((line) => line.includes(`- ${name} is `)),
      name,
    ).toHaveLength(1)
  }
})
