import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GatewayClient } from '../../../support/gateway-client.ts'
import { ENGINES, TestSystem } from '../../../support/gateway-process.ts'
import { localStores } from '../../../support/mounts/stores.ts'

const CALLERS = 4
const STEPS = 12
const SEED = 20_261
const LISTS = 15
const NOT_FOUND = -32000

const step = fc.record({
  action: fc.constantFrom('write', 'write', 'rename', 'rename', 'rename', 'delete'),
  to: fc.nat({ max: 2 }),
  directory: fc.boolean(),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never
const steps = fc.array(step, { minLength: STEPS, maxLength: STEPS })

/** What a caller knows of its file: where it is, and how many writes of it were acknowledged. */
interface Known {
  directory: number
  name: number
  contents: string[]
}

describe.each(ENGINES)('callers of one mount, each with a file of its own, on %s', (engine) => {
  let system: TestSystem
  let local: Awaited<ReturnType<typeof localStores>>
  let admin: GatewayClient
  /** Of another gateway, where there can be two. */
  let other: GatewayClient

  beforeAll(async () => {
    local = await localStores()
    system = await TestSystem.start({ engine, settings: local.settings, twoGateways: engine === 'postgres' })
    const { key } = await system.makeKey('root', { isAdmin: true })
    admin = system.client(key)
    other = engine === 'postgres' ? system.secondClient(key) : admin
  })
  afterAll(async () => {
    await system.close()
    await local.close()
  })

  it('lose nothing that was acknowledged, whoever lists meanwhile', async () => {
    const store = await local.make()
    await admin.ok('add_mount', { mount_point: '/m', ...store.spec })
    const placeOf = (caller: number, { directory, name }: Known) => `/m/c${caller}-${directory}/f${name}`

    async function run(caller: number, script: readonly Step[]) {
      const client = caller % 2 === 0 ? admin : other
      const known: Known = { directory: 0, name: 0, contents: [] }
      for (const [index, { action, to, directory }] of script.entries()) {
        const path = placeOf(caller, known)
        if (action === 'write' || known.contents.length === 0) {
          const content = `${caller} ${index}`
          await client.ok('write', { path, content, if_none_match: known.contents.length === 0 })
          known.contents.push(content)
        } else if (action === 'delete') {
          await client.ok('delete', { path })
          known.contents = []
        } else {
          const next = directory
            ? { directory: (known.directory + 1 + to) % 4, name: known.name }
            : { directory: known.directory, name: (known.name + 1 + to) % 4 }
          const target = placeOf(caller, { ...known, ...next })
          const [from, there] = directory ? [above(path), above(target)] : [path, target]
          // Directories that it has left, and that are empty, stand in the way.
          if (directory) await client.call('rmdir', { path: there })
          await client.ok('rename', { old_path: from, new_path: there })
          Object.assign(known, next)
        }
      }
      return known
    }

    let running = CALLERS
    const watch = async (client: GatewayClient, method: string, params: object): Promise<void> => {
      for (let count = 0; running > 0 || count < LISTS; count++) await client.ok(method, params)
    }
    const scripts = fc.sample(steps, { seed: SEED, numRuns: CALLERS })
    const [known] = await Promise.all([
      Promise.all(scripts.map((script, caller) => run(caller, script).finally(() => running--))),
      watch(admin, 'list', { path: '/m' }),
      watch(other, 'list', { path: '/m', recursive: false }),
      watch(other, 'sync_mount', { mount_point: '/m' }),
    ])

    const expected = known.flatMap((one, caller) => (one.contents.length === 0 ? [] : placeOf(caller, one)))
    for (const client of [admin, other]) {
      const { files } = await client.ok<{ readonly files: readonly string[] }>('list', { path: '/m' })
      expect(files.filter((path) => /\/f\d$/.test(path)).toSorted()).toEqual(expected.toSorted())
    }
    expect((await store.keys()).map((key) => `/m/${key}`)).toEqual(expected.toSorted())
    for (const [caller, one] of known.entries()) {
      const path = placeOf(caller, one)
      if (one.contents.length === 0) {
        expect(await admin.code('list_versions', { path })).toBe(NOT_FOUND)
        continue
      }
      const versions = await admin.ok<readonly { readonly content_hash: string }[]>('list_versions', { path })
      expect(versions.map(({ content_hash }) => content_hash).toReversed()).toEqual(one.contents.map(sha))
    }
  })
})

function above(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
