import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bytes } from '../support/gateway-client.ts'
import { TestSystem } from '../support/gateway-process.ts'
import { runMain } from '../support/run-main.ts'

const PAGE = 4_096

type Damage = (file: string) => void

const damages: Readonly<Record<string, Damage>> = {
  'cut in the middle of a page': (file) => truncateSync(file, Math.floor(size(file) / 2) + 100),
  'cut to half of its pages': (file) => truncateSync(file, Math.floor(size(file) / PAGE / 2) * PAGE),
  'cut to a part of its header': (file) => truncateSync(file, 60),
  'garbled at its very start': (file) => garble(file, 0, 16),
  'garbled in its header': (file) => garble(file, 16, 84),
  'garbled in the middle': (file) => garble(file, Math.floor(size(file) / PAGE / 2) * PAGE, PAGE),
}

const programs = [
  { entry: 'services/rebac/main.ts', file: 'rebac.db', settings: { REBAC_LISTEN: '127.0.0.1:0' } },
  { entry: 'gateway/main.ts', file: 'gateway.db', settings: { NEXUS_PORT: '0', NEXUS_REBAC_ADDRESS: '127.0.0.1:1' } },
] as const

function size(file: string): number {
  return readFileSync(file).length
}

function garble(file: string, from: number, length: number): void {
  writeFileSync(file, readFileSync(file).fill(0xa5, from, from + length))
}

let intact: string
beforeAll(async () => {
  intact = mkdtempSync(join(tmpdir(), 'nexus-damage-'))
  const system = await TestSystem.start({ engine: 'sqlite', dataDir: intact })
  const admin = await system.as('root', { isAdmin: true, tenant: 'acme' })
  await Promise.all(
    Array.from({ length: 200 }, (_, index) => admin.ok('write', { path: `/a/${index}.txt`, content: bytes('x') })),
  )
  await system.close()
})
afterAll(() => rmSync(intact, { recursive: true, force: true }))

/** The data as they were, but for one file. */
function copyWith(file: string, damage: Damage): string {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-damage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(intact, folder, { recursive: true })
  damage(join(folder, file))
  return folder
}

describe.each(programs)('$entry on a database that it cannot use', ({ entry, file, settings }) => {
  it.each(Object.keys(damages))('%s: exit code 3 and one sentence that names the file', async (name) => {
    const dataDir = copyWith(file, damages[name] as Damage)
    const before = readFileSync(join(dataDir, file))
    const { code, stderr } = await runMain(entry, { ...settings, NEXUS_DATA_DIR: dataDir })
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(join(dataDir, file)) })
    expect(stderr).toMatch(/^The database .* cannot be used \(.*\): restore it from a backup, or move it away/)
    expect(stderr.split('\n')).toHaveLength(1)
    expect(readFileSync(join(dataDir, file)).equals(before)).toBe(true)
  })

  it('of a newer program: exit code 3 and one sentence, and nothing is changed', async () => {
    const dataDir = copyWith(file, (path) => {
      const database = new BetterSqlite3(path)
      database.exec("insert into schema_migrations values (999, 'future', 0)")
      database.close()
    })
    const { code, stderr } = await runMain(entry, { ...settings, NEXUS_DATA_DIR: dataDir })
    expect(code).toBe(3)
    expect(stderr).toMatch(/is at version 999 but this program knows versions up to \d+/)
    expect(stderr.split('\n')).toHaveLength(1)
  })
})
