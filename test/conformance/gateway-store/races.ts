import { describe, expect, test } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { user } from '../../support/fake-permissions.ts'
import { admin, as, bytes, type Engine, type Gateway, rows, text, worlds } from './harness.ts'

const WRITERS = 64

/** Many at once: one winner where there can be one, and a tree that holds together. */
export function racesSuite(engine: Engine): void {
  describe(`races (${engine.name})`, () => {
    const world = worlds(engine)

    /** Two gateways where the engine allows it. */
    async function gateways(): Promise<readonly [Gateway, Gateway]> {
      const place = await world()
      const one = await place.start({ ownerId: 'one' })
      return [one, engine.name === 'postgres' ? await place.start({ ownerId: 'two' }) : one]
    }

    test('of 64 writers with the same if_match exactly one wins', async () => {
      const both = await gateways()
      const { etag } = await both[0].files.write(admin(), '/x', bytes('start'))
      const results = await race((index) =>
        both[index % 2 === 0 ? 0 : 1].files.write(admin(), '/x', bytes(`writer ${index}`), { ifMatch: etag ?? '' }),
      )
      const winners = results.filter((result) => result === 'done')
      expect(winners).toHaveLength(1)
      expect(results.filter((result) => result === 'CONFLICT')).toHaveLength(WRITERS - 1)
      expect(await text(both[1].files, admin(), '/x')).toBe(`writer ${results.indexOf('done')}`)
    })

    test('of 64 writers with if_none_match exactly one creates', async () => {
      const both = await gateways()
      const results = await race((index) =>
        both[index % 2 === 0 ? 0 : 1].files.write(admin(), '/deep/down/x', bytes(`writer ${index}`), {
          ifNoneMatch: true,
        }),
      )
      expect(results.filter((result) => result === 'done')).toHaveLength(1)
      expect(results.filter((result) => result === 'FILE_EXISTS')).toHaveLength(WRITERS - 1)
      expect(await text(both[1].files, admin(), '/deep/down/x')).toBe(`writer ${results.indexOf('done')}`)
    })

    test('64 writers who add a line each, by if_match, lose none: every version has exactly one winner', async () => {
      const both = await gateways()
      await both[0].files.write(admin(), '/x', bytes(''))
      const won: number[] = []
      await race(async (index) => {
        const { files } = both[index % 2 === 0 ? 0 : 1]
        for (let done = false; !done; ) {
          const { content, entry } = await files.read(admin(), '/x')
          const longer = bytes(`${Buffer.from(content).toString()}${index}\n`)
          done = await files.write(admin(), '/x', longer, { ifMatch: entry.etag ?? '' }).then(
            ({ version }) => won.push(version) > 0,
            (error: unknown) => {
              if (error instanceof NexusError && error.reason === 'CONFLICT') return false
              throw error
            },
          )
        }
      })
      expect(won.toSorted((a, b) => a - b)).toEqual(Array.from({ length: WRITERS }, (_, index) => index + 2))
      const lines = (await text(both[1].files, admin(), '/x')).trim().split('\n')
      expect(new Set(lines).size).toBe(WRITERS)
      const sizes = (await both[0].files.listVersions(admin(), '/x')).map(({ size }) => size)
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a))
    })

    test('of 64 writers with force all succeed, whatever they expected', async () => {
      const both = await gateways()
      const results = await race((index) =>
        both[index % 2 === 0 ? 0 : 1].files.write(admin(), '/x', bytes(`writer ${index}`), {
          ifMatch: 'never',
          ifNoneMatch: true,
          force: true,
        }),
      )
      expect(results).toEqual(Array.from({ length: WRITERS }, () => 'done'))
      expect((await both[1].files.stat(admin(), '/x'))?.version).toBe(WRITERS)
    })

    test('64 plain writers all succeed, a version each', async () => {
      const both = await gateways()
      await race((index) => both[index % 2 === 0 ? 0 : 1].files.write(admin(), '/x', bytes(`writer ${index}`)))
      const versions = await rows<{ version: number }>(both[0], 'select version from versions order by version')
      expect(versions.map(({ version }) => version)).toEqual(Array.from({ length: WRITERS }, (_, index) => index + 1))
    })

    test('mkdir, write, delete and rmdir at the same places leave a tree that holds together', async () => {
      const both = await gateways()
      for (let round = 0; round < 6; round++) {
        await race(async (index) => {
          const { files } = both[index % 2 === 0 ? 0 : 1]
          const branch = `/r/${index % 3}`
          if (index % 8 < 3) return await files.write(admin(), `${branch}/d/e/${index % 5}`, bytes(`${round} ${index}`))
          if (index % 8 < 5) return await files.mkdir(admin(), `${branch}/d/e`, { parents: true, existOk: true })
          if (index % 8 === 5) return await files.delete(admin(), `${branch}/d/e/${(index + 2) % 5}`)
          if (index % 8 === 6) return await files.rmdir(admin(), `${branch}/d`, { recursive: true })
          return await files.list(admin(), '/r', { recursive: true })
        })
        await expectSound(both[0])
      }
    })

    test('who writes into a directory that is deleted and made anew by another needs the right to the new one', async () => {
      const [gateway] = await gateways()
      gateway.permissions.grant('acme', '/home', 'direct_editor', user('ed'))
      await gateway.files.mkdir(as('ed'), '/home/d', { parents: true, existOk: false })
      gateway.permissions.grant('acme', '/home/d', 'direct_editor', user('bob'))
      let between: (() => Promise<void>) | undefined = async () => {
        await gateway.files.rmdir(as('ed'), '/home/d', { recursive: true })
        await gateway.files.mkdir(as('ed'), '/home/d', { parents: true, existOk: false })
      }
      // After bob's right was seen and before his write comes to the database.
      const bob = as('bob')
      const originalPut = gateway.store.put.bind(gateway.store)
      gateway.store.put = async (hash, content) => {
        const now = between
        between = undefined
        await now?.()
        await originalPut(hash, content)
      }
      await expect(gateway.files.write(bob, '/home/d/x', bytes('mine'))).rejects.toMatchObject({
        reason: 'ACCESS_DENIED',
      })
    })
  })
}

async function race(doing: (index: number) => Promise<unknown>): Promise<string[]> {
  return await Promise.all(
    Array.from({ length: WRITERS }, async (_, index) => {
      try {
        await doing(index)
        return 'done'
      } catch (error) {
        if (!(error instanceof NexusError) || error.reason === 'INTERNAL' || error.reason === 'UNAVAILABLE') throw error
        return error.reason
      }
    }),
  )
}

/** What must hold between any two changes. */
export async function expectSound(gateway: Gateway): Promise<void> {
  const orphans = `select n.name from nodes n left join nodes p on p.tenant = n.tenant and p.node_id = n.parent_id
    where n.parent_id not in ('', 'trash') and (p.node_id is null or p.kind <> 'directory')`
  expect(await rows(gateway, orphans)).toEqual([])
  const hollow = `select d.name from nodes d where d.implicit = 1
    and not exists (select 1 from nodes c where c.tenant = d.tenant and c.parent_id = d.node_id)`
  expect(await rows(gateway, hollow)).toEqual([])
  const unversioned = `select n.name from nodes n where n.kind = 'file' and n.version <>
    (select count(*) from versions v where v.tenant = n.tenant and v.node_id = n.node_id and v.version <= n.version)`
  expect(await rows(gateway, unversioned)).toEqual([])
  const contentless = `select n.name from nodes n where n.kind = 'file'
    and not exists (select 1 from contents c where c.content_hash = n.content_hash)`
  expect(await rows(gateway, contentless)).toEqual([])
  const untrashed =
    "select n.name from nodes n where n.parent_id = 'trash' and not exists (select 1 from trash t where t.trash_id = n.name)"
  expect(await rows(gateway, untrashed)).toEqual([])
}
