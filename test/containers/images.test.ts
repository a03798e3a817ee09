import { beforeAll, describe, expect, it } from 'vitest'
import { buildImages } from './images.ts'
import { runContainerWaves } from './run-container-waves.ts'
import { postgresStack, type Stack, sqliteStack } from './stack.ts'

const INTEGRITY = `const D = require('better-sqlite3'); console.log(new D(process.argv[1]).pragma('integrity_check', { simple: true }))`

beforeAll(buildImages)

describe('the images', () => {
  it('pass the waves with PostgreSQL, and keep every write over a restart', async () => {
    await using stack = await postgresStack()
    await expectToPassWaves(stack)
  })

  it('pass the waves on SQLite volumes, keep every write over a restart, damage nothing, and need no rights of root', async () => {
    await using stack = await sqliteStack()
    await expectToPassWaves(stack)
    const rebac = await stack.rebac.exec(['node', '-e', INTEGRITY, '/data/rebac.db'])
    const gateway = await stack.gateway.exec(['node', '-e', INTEGRITY, '/data/gateway.db'])
    expect([rebac.output.trim(), gateway.output.trim()]).toEqual(['ok', 'ok'])
    for (const container of [stack.rebac, stack.gateway]) {
      expect((await container.exec(['id', '-u'])).output.trim(), 'an ordinary user').toBe('1000')
    }
  })
})

async function expectToPassWaves(stack: Stack): Promise<void> {
  const report = await runContainerWaves(stack.url(), stack.metricsUrls())
  expect(report.problems).toEqual([])
  expect(report.writer.acknowledged).toBeGreaterThan(0)
  await stack.restart()
  expect(await report.verifyWrites(stack.url())).toEqual([])
  expect(await stack.auditLogs()).toEqual([])
}
