import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { loadOrCreateSharedSecret } from '../../../services/common/config/shared-config.ts'
import { backup } from '../../../services/operator/backup/backup.ts'
import { readPlaces } from '../../../services/operator/places.ts'
import { Progress } from '../../../services/operator/progress.ts'
import type { GatewayClient } from '../../support/gateway-client.ts'
import { TestSystem } from '../../support/gateway-process.ts'
import { runMain } from '../../support/run-main.ts'
import { failureOf, TestClient } from '../rebac/support/client.ts'
import { checkRequest } from '../rebac/support/wire.ts'
import { Load } from './load.ts'

const operate = (dataDir: string, ...args: string[]) =>
  runMain('services/operator/main.ts', { NEXUS_DATA_DIR: dataDir }, args)

describe('backup of a running system and its restoration', () => {
  let root: string
  let system: TestSystem
  let alice: GatewayClient
  let aliceKey: string
  let load: Load
  let tokenFromBefore: string
  const backupDir = () => join(root, 'backup')

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'nexus-backup-'))
    system = await TestSystem.start({ engine: 'sqlite', dataDir: join(root, 'live') })
    const admin = await system.as('root', { isAdmin: true })
    // An editor becomes the owner of each file that he makes: one relationship for each file.
    const facts = { subject: ['user', 'alice'], relation: 'direct_editor', object: ['file', '/w'] }
    await admin.ok('rebac_create', facts)
    aliceKey = (await system.makeKey('alice')).key
    alice = system.client(aliceKey)
    const rebac = new TestClient(system.rebacAddress, loadOrCreateSharedSecret(system.dataDir))
    tokenFromBefore = (await rebac.grant('group:g#member@user:alice')).token
    rebac.close()
    load = new Load(alice)
  })
  afterAll(async () => {
    await system.close()
    rmSync(root, { recursive: true, force: true })
  })

  it('of a system under writes has every write that was acknowledged before it began', {
    timeout: 120_000,
  }, async () => {
    const writing = load.run()
    await load.reaches(300)
    const before = load.acknowledged()
    const made = await operate(system.dataDir, 'backup', '--to', backupDir())
    load.stop()
    await writing
    expect(made).toMatchObject({ code: 0 })
    expect(made.stdout).toMatch(
      /^Backed up 2 databases with [\d,]+ rows and [\d,]+ contents \([\d,]+ bytes\) to \S+ in/,
    )
    expect(load.acknowledged().count).toBeGreaterThan(before.count)
    expect(readdirSync(root).toSorted()).toEqual(['backup', 'live'])

    const restored = await operate(join(root, 'restored'), 'restore', '--from', backupDir())
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Restored 2 databases with/) })
    const second = await TestSystem.start({ engine: 'sqlite', dataDir: join(root, 'restored') })
    const client = second.client(aliceKey)
    const found = await before.check(client)
    expect(found.wrong).toEqual([])

    // Both databases are of one moment: a relationship for each file, and a file for each relationship.
    const files = await load.filesOf(client)
    for (const path of files) await client.ok('read', { path })
    const owned = await second.permissions.read({
      tenant: 'acme',
      filter: { objectType: 'file', objectIdPrefix: '/w/', relations: ['direct_owner'] },
      deadline: Date.now() + 10_000,
    })
    expect(owned.map(({ objectId }) => objectId).toSorted()).toEqual(files.toSorted())
    await refusesOldToken(second, tokenFromBefore)
    await second.close()
    for (const name of ['gateway.db', 'rebac.db']) expect(integrityOf(join(root, 'restored', name))).toBe('ok')
    process.stderr.write(
      `backup under load: ${found.checked} acknowledged writes and deletions from before it, all there; ${files.length} files and ${owned.length} owners agree; integrity_check ok\n`,
    )
  })

  it('interrupted while it copies contents it leaves nothing, and lets go of the contents', async () => {
    const gateway = new BetterSqlite3(join(system.dataDir, 'gateway.db'), { readonly: true })
    onTestFinished(() => void gateway.close())
    const holds = () => gateway.prepare("select value from meta where key = 'content_hold'").all()
    const interrupted = new AbortController()
    // Looks before it interrupts: a moment later the hold may be gone again.
    let heldWhileCopying: unknown[] = []
    const stopAtContents = new Writable({
      write: (line: Buffer, _encoding, done) => {
        if (line.includes('copying contents')) {
          heldWhileCopying = holds()
          interrupted.abort()
        }
        done()
      },
    })
    const places = readPlaces({ NEXUS_DATA_DIR: system.dataDir })
    const before = readdirSync(root)
    const made = backup(places, join(root, 'interrupted'), new Progress(stopAtContents, interrupted.signal))
    await expect(made).rejects.toMatchObject({ reason: 'CANCELLED' })
    expect(heldWhileCopying).toHaveLength(1)
    expect(readdirSync(root)).toEqual(before)
    expect(holds()).toEqual([])
  })

  it('is refused where there is a backup, on other engines, and without a place', async () => {
    const again = await operate(system.dataDir, 'backup', '--to', backupDir())
    expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/^\S+ is not empty: .*$/) })
    const settings = { NEXUS_DATA_DIR: system.dataDir, REBAC_DATABASE_URL: 'postgres://h/d' }
    const other = await runMain('services/operator/main.ts', settings, ['backup', '--to', join(root, 'other')])
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('pg_dump') })
    expect(await operate(system.dataDir, 'backup')).toMatchObject({ code: 2, stderr: expect.stringContaining('--to') })
    expect(await operate(join(root, 'nowhere'), 'backup', '--to', join(root, 'other'))).toMatchObject({ code: 2 })
    expect(existsSync(join(root, 'other'))).toBe(false)
    expect(await operate(system.dataDir, 'backup', '--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--to DIR'),
    })
  })

  it('restoring is refused over data, and with exit code 3 while a process runs on them', async () => {
    expect(await operate(system.dataDir, 'restore', '--from', backupDir())).toMatchObject({ code: 3 })
    const folder = temporary()
    writeFileSync(join(folder, 'gateway.db-wal'), 'of a database that was')
    const { code, stderr } = await operate(folder, 'restore', '--from', backupDir())
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('gateway.db-wal') })
    expect(await operate(folder, 'restore', '--from', folder)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not a backup'),
    })
  })

  const contentOf = (folder: string) => {
    const [file] = readdirSync(join(folder, 'content'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /[0-9a-f]{64}$/.test(name),
    )
    return join(folder, 'content', file ?? '')
  }
  const flip = (file: string, at: number) => {
    const data = readFileSync(file)
    data[at] = (data[at] ?? 0) ^ 1
    writeFileSync(file, data)
  }
  it.each<[string, (folder: string) => void]>([
    ['a bit of a database', (folder) => flip(join(folder, 'rebac.db'), 9_000)],
    ['a missing database', (folder) => rmSync(join(folder, 'gateway.db'))],
    ['a bit of a content', (folder) => flip(contentOf(folder), 0)],
    ['a missing content', (folder) => rmSync(contentOf(folder))],
    ['a bit of the manifest', (folder) => flip(join(folder, 'manifest.json'), 40)],
    ['a format of the future', (folder) => writeFileSync(join(folder, 'manifest.json'), '{"format": 9}')],
  ])('a backup with damage is refused with exit code 3 before anything is written: %s', async (_name, damage) => {
    const folder = join(temporary(), 'backup')
    cpSync(backupDir(), folder, { recursive: true })
    damage(folder)
    const target = temporary()
    const { code, stderr } = await operate(target, 'restore', '--from', folder)
    expect(code).toBe(3)
    expect(stderr.split('\n').at(-1)).toMatch(/^The backup (is damaged: .* Nothing was restored|\S+ has format 9)/)
    expect(readdirSync(target).filter((name) => !name.endsWith('.lock'))).toEqual([])
  })
})

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nexus-backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function integrityOf(file: string): unknown {
  const database = new BetterSqlite3(file, { readonly: true })
  try {
    return database.pragma('integrity_check', { simple: true })
  } finally {
    database.close()
  }
}

async function refusesOldToken(system: TestSystem, token: string): Promise<void> {
  const client = new TestClient(system.rebacAddress, loadOrCreateSharedSecret(system.dataDir))
  try {
    const consistency = { requirement: { $case: 'atLeastAsFresh', value: token } } as const
    const refused = await failureOf(client.check(checkRequest('user:alice read file:/w', { consistency })))
    expect(refused).toMatchObject({ reason: 'TOKEN_EPOCH' })
  } finally {
    client.close()
  }
}
