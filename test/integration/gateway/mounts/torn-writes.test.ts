import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BackEnds } from '../../../../gateway/mounts/back-ends.ts'
import { connectorKinds } from '../../../../gateway/mounts/connectors/catalogue.ts'
import { removeTornWrites } from '../../../../gateway/mounts/remove-torn-writes.ts'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores } from '../../../support/mounts/stores.ts'

const TWO_HOURS = 7_200

describe.each(ENGINES)('what crashed writes leave in local mounts on %s', (engine) => {
  let system: TestSystem
  let admin: GatewayClient
  let local: Awaited<ReturnType<typeof localStores>>
  let backEnds: BackEnds

  beforeAll(async () => {
    local = await localStores()
    system = await TestSystem.start({ engine, settings: local.settings })
    admin = await system.as('root', { isAdmin: true })
    const localRoots = [{ tenant: null, directory: local.root }]
    const kinds = connectorKinds({ localRoots, s3Endpoints: 'any', memory: true, timeoutMs: 5_000 })
    backEnds = new BackEnds({ db: system.db, kinds, timeoutMs: 5_000, pauseMs: 10_000 })
  })
  afterAll(async () => {
    await backEnds.close()
    await system.close()
    await local.close()
  })

  const torn = () => `.nexus-tmp-${uuidv7()}`

  /** A file of some age, in seconds. */
  async function old(file: string, age: number): Promise<void> {
    await writeFile(file, 'torn')
    const then = Date.now() / 1_000 - age
    await utimes(file, then, then)
  }

  async function mounted(name: string, options: object = {}): Promise<string> {
    const directory = join(local.root, name)
    await mkdir(join(directory, 'a', 'b'), { recursive: true })
    const backend = { backend_type: 'local', backend_config: { data_dir: directory } }
    await admin.ok('add_mount', { mount_point: `/${name}`, ...backend, ...options })
    return directory
  }

  it('is removed wherever it lies, and nothing else is', async () => {
    const [writable, readonly] = [await mounted('writable'), await mounted('readonly', { readonly: true })]
    const outside = join(local.root, 'outside')
    await mkdir(outside)
    await symlink(outside, join(writable, 'link'))
    const young = torn()
    for (const directory of [writable, join(writable, 'a', 'b'), readonly, outside]) {
      await old(join(directory, torn()), TWO_HOURS)
    }
    await old(join(writable, 'a', young), 60)
    for (const name of ['.nexus-tmp-mine', `x${torn()}`, 'file']) await old(join(writable, name), TWO_HOURS)
    await mkdir(join(writable, torn()))
    await admin.ok('add_mount', { mount_point: '/memory', backend_type: 'memory', backend_config: {} })

    expect(await removeTornWrites({ db: system.db, backEnds })).toBe(2)
    expect(await readdir(join(writable, 'a', 'b'))).toEqual([])
    expect(await readdir(join(writable, 'a'))).toEqual(expect.arrayContaining([young, 'b']))
    expect(await readdir(writable)).toHaveLength(6)
    expect(await readdir(outside)).toHaveLength(1)
    expect(await readdir(readonly)).toHaveLength(2)
    expect(await removeTornWrites({ db: system.db, backEnds })).toBe(0)
  })

  it('is removed where one back end is away, which is told', async () => {
    const directory = await mounted('zz-last')
    await old(join(directory, torn()), TWO_HOURS)
    await admin.ok('add_mount', {
      mount_point: '/closed',
      priority: 9,
      backend_type: 's3_connector',
      backend_config: {
        bucket: 'bucket',
        endpoint: 'http://127.0.0.1:1',
        access_key_id: 'key',
        secret_access_key: 'secret',
      },
    })
    const failing: Pick<BackEnds, 'get'> = {
      async get(tenant, mountId) {
        const backEnd = await backEnds.get(tenant, mountId)
        if (backEnd?.mount.mountPoint === '/closed') throw new Error('it is away')
        return backEnd
      },
    }
    await expect(removeTornWrites({ db: system.db, backEnds: failing })).rejects.toThrow('it is away')
    expect(await readdir(directory)).toEqual(['a'])
  })
})
