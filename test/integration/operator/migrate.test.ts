import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moveDatabases } from '../../../services/operator/migrate/migrate.ts'
import { Progress } from '../../../services/operator/progress.ts'
import { bytes, type GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'
import { postgresForSuite } from '../../support/postgres-for-suite.ts'
import { runMain } from '../../support/run-main.ts'

const quiet = () =>
  new Progress(new Writable({ write: (_chunk, _encoding, done) => done() }), new AbortController().signal)
const sqliteUrls = (folder: string) => ({
  gateway: `sqlite:${join(folder, 'gateway.db')}`,
  rebac: `sqlite:${join(folder, 'rebac.db')}`,
})
const joined = (urls: { readonly gateway: string; readonly rebac: string }) => `${urls.gateway},${urls.rebac}`

const USERS = ['root', 'alice', 'bob', 'carol'] as const

describe('a move from SQLite to PostgreSQL and back', () => {
  const createDatabase = postgresForSuite()
  let root: string
  const keys = new Map<string, string>()
  let urls: { readonly gateway: string; readonly rebac: string }
  let answers: readonly unknown[]
  const migrate = (...args: string[]) =>
    runMain('services/operator/main.ts', { NEXUS_DATA_DIR: join(root, 'first') }, ['migrate', ...args])

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'nexus-migrate-'))
    urls = { gateway: (await createDatabase()).url, rebac: (await createDatabase()).url }
    const system = await TestSystem.start({ engine: 'sqlite', dataDir: join(root, 'first') })
    for (const user of USERS) {
      const { key } = await system.makeKey(user, user === 'root' ? { isAdmin: true, isGlobalAdmin: true } : {})
      keys.set(user, key)
    }
    await fill(system.client(keys.get('root') ?? ''))
    answers = await ask(system)
    const refused = await migrate('--to', joined(urls))
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('in use by another process') })
    await system.close()
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))

  /** What everybody sees of everything. */
  async function ask(system: TestSystem): Promise<readonly unknown[]> {
    const seen: unknown[] = []
    for (const user of USERS) {
      const client = system.client(keys.get(user) ?? '')
      seen.push(await client.ok('list', { path: '/', recursive: true }), await client.ok('skills_list'))
      seen.push(await client.ok('rebac_list_tuples', {}))
      for (let index = 0; index < 40; index++) {
        const path = `/docs/${index % 4}/${index}.txt`
        const { result, error } = await client.call('read', { path })
        seen.push(result, error)
        for (const subject of ['alice', 'bob', 'carol'].map((id) => ['user', id])) {
          const params = { subject, permission: 'write', object: ['file', path] }
          seen.push((await client.call('rebac_check', params)).result)
        }
      }
    }
    return seen
  }

  it('copies every row, with equal digests in both directions, and the moved systems answer alike', {
    timeout: 180_000,
  }, async () => {
    const there = await moveDatabases(sqliteUrls(join(root, 'first')), urls, quiet())
    const back = await moveDatabases(urls, sqliteUrls(join(root, 'second')), quiet())
    // Each move starts an epoch of its own in this table, after it was compared.
    const ownEpoch = (table: { readonly name: string }) => table.name !== 'meta'
    expect(back.gateway).toEqual(there.gateway)
    expect(back.rebac.filter(ownEpoch)).toEqual(there.rebac.filter(ownEpoch))
    const tables = [...there.gateway, ...there.rebac]
    const rowsOf = (name: string) => tables.find((table) => table.name === name)?.rows ?? 0
    for (const name of ['nodes', 'versions', 'relationships', 'log', 'api_keys', 'skills'])
      expect(rowsOf(name)).toBeGreaterThan(0)

    let compared = 0
    const onPostgres = { engine: 'postgres', urls, dataDir: join(root, 'first') } as const
    const onSqlite = {
      engine: 'sqlite',
      dataDir: join(root, 'second'),
      settings: { NEXUS_CONTENT_URL: `file:${join(root, 'first', 'content')}` },
    } as const
    for (const options of [onPostgres, onSqlite]) {
      const system = await TestSystem.start(options)
      try {
        expect(await ask(system)).toEqual(answers)
        compared += answers.length
        const alice = system.client(keys.get('alice') ?? '')
        await alice.ok('write', { path: '/docs/1/new.txt', content: bytes('after the move') })
        expect(await alice.ok('read', { path: '/docs/1/new.txt' })).toEqual(bytes('after the move'))
      } finally {
        await system.close()
      }
    }
    const rows = tables.reduce((sum, table) => sum + table.rows, 0)
    process.stderr.write(
      `SQLite -> PostgreSQL -> SQLite: ${tables.length} tables, ${rows} rows, digests equal; ${compared} answers over the API equal\n`,
    )
  })

  it('as a command: says how far it is, and what it did last; a target that is not empty is refused', {
    timeout: 60_000,
  }, async () => {
    const to = { gateway: (await createDatabase()).url, rebac: (await createDatabase()).url }
    const done = await migrate('--to', joined(to))
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toMatch(/relationships: \d+ rows, sha256 [0-9a-f]{16}, the same on both sides/)
    expect(done.stdout).toMatch(
      /^Migrated \d+ tables with [\d,]+ rows in \S+ s; every count and checksum is equal\.\n$/,
    )
    const again = await migrate('--to', joined(to))
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/has rows in \w+: name an empty database in --to/),
    })
    const onto = await migrate('--from', joined(to), '--to', joined(sqliteUrls(join(root, 'first'))))
    expect(onto).toMatchObject({ code: 2, stderr: expect.stringContaining('There is a database already') })
  })

  it('is refused with exit code 3 while a process runs on the PostgreSQL databases, and leaves no file', async () => {
    const to = join(root, 'third')
    const system = await TestSystem.start({ engine: 'postgres', urls, dataDir: join(root, 'first') })
    try {
      const { code, stderr } = await migrate('--from', joined(urls), '--to', joined(sqliteUrls(to)))
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: expect.stringMatching(/is in use by .*: stop every process on it first\.$/),
      })
    } finally {
      await system.close()
    }
    expect(() => readdirSync(to)).toThrow('ENOENT')
  })

  it.each([['--to', 'sqlite:a.db'], ['--to', 'mysql://a,mysql://b'], ['--to', '@/nowhere/urls'], ['--nonsense'], []])(
    'wrong arguments end it with 2 and one sentence: %s %s',
    async (...args) => {
      const { code, stderr } = await migrate(...args)
      expect(code).toBe(2)
      expect(stderr.split('\n')).toHaveLength(1)
    },
  )
})

async function fill(root: GatewayClient): Promise<void> {
  for (let index = 0; index < 40; index++) {
    const content = bytes(`text ${index} ` + 'ümläut 🦊 '.repeat(index))
    await root.ok('write', { path: `/docs/${index % 4}/${index}.txt`, content })
  }
  for (const name of ['pdf', 'zip']) {
    const content = `---\nname: ${name}\ndescription: What ${name} does\n---\n# ${name}\n`
    await root.ok('write', { path: `/docs/skill/${name}/SKILL.md`, content })
  }
  await root.ok('delete', { path: '/docs/0/0.txt' })
  const grant = (user: string, relation: string, path: string, more: object = {}) =>
    root.ok('rebac_create', { subject: ['user', user], relation, object: ['file', path], ...more })
  await grant('alice', 'direct_owner', '/docs/1')
  await grant('bob', 'direct_viewer', '/docs', { expires_at: '2099-01-01T00:00:00Z' })
  await grant('carol', 'direct_editor', '/docs/2/2.txt')
  await root.ok('rebac_create', { subject: ['user', 'carol'], relation: 'member', object: ['group', 'ops'] })
}
