import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { status } from '@grpc/grpc-js'
import { expect, it, onTestFinished } from 'vitest'
import { loadOrCreateSharedSecret } from '../../services/common/config/shared-config.ts'
import { TestClient, failureOf } from '../integration/rebac/support/client.ts'
import { bytes, type GatewayClient, type RpcAnswer } from '../support/gateway-client.ts'
import { TestSystem } from '../support/gateway-process.ts'
import { runMain } from '../support/run-main.ts'
import { noSmallDiskBecause, SmallDisk } from './support/small-disk.ts'

const because = noSmallDiskBecause()
const suffix = because === null ? '' : ` (skipped: no tmpfs can be mounted here: ${because})`
/** The write-ahead logs have some room left in what they occupy; that many writes use it up. */
const MANY = 2_000

it.skipIf(because !== null)(
  `disk full: writes say so in one sentence, reads go on, and writes resume${suffix}`,
  {
    timeout: 120_000,
  },
  async () => {
    const disk = new SmallDisk(48)
    onTestFinished(() => disk[Symbol.dispose]())
    const system = await TestSystem.start({ engine: 'sqlite', dataDir: join(disk.folder, 'data') })
    let open = true
    const close = async () => {
      if (open) await system.close()
      open = false
    }
    onTestFinished(close)
    const rebac = new TestClient(system.rebacAddress, loadOrCreateSharedSecret(system.dataDir))
    onTestFinished(() => rebac.close())
    const admin = await system.as('root', { isAdmin: true })
    const write = (name: string, content: string) =>
      admin.call('write', { path: `/a/${name}`, content: bytes(content) })
    for (const name of ['one', 'two', 'three']) expect((await write(name, name)).error).toBeUndefined()
    await rebac.grant('file:/a/one#direct_viewer@user:alice')

    disk.fill()
    // A content of which there is no room for a single byte, and one that is there, whose metadata have none.
    const acknowledged = ['one', 'two', 'three']
    const fresh = await write('fresh', 'never seen')
    expectStorageFull(fresh)
    const repeated = await firstFailure(async (index) => {
      const answer = await write(`copy-${index}`, 'one')
      if (answer.error === undefined) acknowledged.push(`copy-${index}`)
      return answer.error === undefined ? null : answer
    })
    expectStorageFull(repeated)
    const granted: string[] = []
    const refused = await firstFailure(async (index) => {
      const user = `user:${'u'.repeat(200)}${index}`
      return rebac.grant(`file:/a/one#direct_viewer@${user}`).then(
        () => {
          granted.push(user)
          return null
        },
        (error: unknown) => failureOf(Promise.reject(error as Error)),
      )
    })
    expect(refused).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'STORAGE_FULL' })
    expect(refused.message).toMatch(/^[^\n]*disk is full[^\n]*$/)

    for (let round = 0; round < 20; round++) await expectReads(admin, rebac, acknowledged)
    expectStorageFull(await write('fresh', 'never seen'))

    disk.empty()
    expect((await write('fresh', 'never seen')).error).toBeUndefined()
    await rebac.grant('file:/a/two#direct_viewer@user:alice')
    acknowledged.push('fresh')
    await expectReads(admin, rebac, acknowledged)
    expect(await rebac.allows('user:alice read file:/a/two')).toBe(true)
    for (const user of granted) expect(await rebac.allows(`${user} read file:/a/one`)).toBe(true)
    await close()

    disk.fill()
    const start = await runMain('services/rebac/main.ts', {
      NEXUS_DATA_DIR: system.dataDir,
      REBAC_LISTEN: '127.0.0.1:0',
    })
    expect(start).toMatchObject({ code: 1, stderr: expect.stringMatching(/^The [^\n]* disk is full[^\n]*$/) })

    for (const name of ['gateway.db', 'rebac.db']) {
      const database = new BetterSqlite3(join(system.dataDir, name), { readonly: true })
      expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
      database.close()
    }
    process.stderr.write(
      `disk full: answered 507 / RESOURCE_EXHAUSTED, ${acknowledged.length} of ${acknowledged.length} acknowledged files and ${granted.length} of ${granted.length} grants there, integrity_check ok\n`,
    )
  },
)

function expectStorageFull(answer: RpcAnswer): void {
  expect({ status: answer.status, code: answer.error?.code, text: answer.text }).toMatchObject({
    status: 507,
    code: -32_012,
  })
  expect(answer.error?.message).toMatch(/^[^\n]*disk is full[^\n]*$/)
}

/** Asks again and again until there is a failure. */
async function firstFailure<T>(attempt: (index: number) => Promise<T | null>): Promise<T> {
  for (let index = 0; index < MANY; index++) {
    const failure = await attempt(index)
    if (failure !== null) return failure
  }
  throw new Error(`nothing failed in ${MANY} attempts`)
}

async function expectReads(admin: GatewayClient, rebac: TestClient, names: readonly string[]): Promise<void> {
  const { files } = await admin.ok<{ files: readonly string[] }>('list', { path: '/a' })
  expect(files.toSorted()).toEqual(names.map((name) => `/a/${name}`).toSorted())
  for (const name of names) {
    const expected = name.startsWith('copy-') ? 'one' : name === 'fresh' ? 'never seen' : name
    expect(await admin.ok('read', { path: `/a/${name}` })).toEqual(bytes(expected))
  }
  expect(await rebac.allows('user:alice read file:/a/one')).toBe(true)
  expect(await rebac.allows('user:bob read file:/a/one')).toBe(false)
}
