import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CallContext } from '../../../gateway/context.ts'
import type { Files } from '../../../gateway/files/contract.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { user } from '../../support/fake-permissions.ts'
import { admin, as, bytes, type Engine, paths, worlds } from './harness.ts'
import { ModelTree } from './model-tree.ts'

const NAMES = ['a', 'b', 'a-b', 'B', '_%', '\u{1f600}', '\uffee']
const path = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('write' as const), path }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mkdir' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), path }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rmdir' as const), path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('grant' as const), path }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('rename' as const), path, to: path }) },
)

type Step =
  | { readonly kind: 'write' | 'mkdir' | 'delete' | 'rmdir' | 'grant'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

/** Lists against a plain model, with random trees and grants. */
export function listingSuite(engine: Engine): void {
  describe(`listing (${engine.name})`, () => {
    const world = worlds(engine)

    test.each([
      { from: 'whichever side is smaller', looks: undefined, knowsAll: true },
      { from: 'what may be read', looks: { few: 0, first: 100 }, knowsAll: true },
      { from: 'more and more of both', looks: { few: 1, first: 2 }, knowsAll: true },
      { from: 'what lies there', looks: { few: 1, first: 2 }, knowsAll: false },
    ])('what is listed, looking from $from, is what a plain model says', async ({ looks, knowsAll }) => {
      const gateway = await (await world()).start(looks === undefined ? {} : { looks })
      gateway.permissions.knowsAll = knowsAll
      let round = 0
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.array(path, { maxLength: 3 }), async (steps, looks) => {
          const tenant = `t${++round}`
          const writer = as('root', { tenant, isAdmin: true })
          const reader = as('bob', { tenant })
          const model = new ModelTree()
          for (const one of steps) {
            if (one.kind === 'grant') gateway.permissions.grant(tenant, one.path, 'direct_viewer', user('bob'))
            const did = await attempt(gateway.files, writer, one)
            expect({ ...one, did }).toEqual({ ...one, did: model.apply(one) })
          }
          const readable = (at: string) =>
            gateway.permissions
              .rows(tenant)
              .some(
                ({ subject, objectId }) => subject.id === 'bob' && (at === objectId || at.startsWith(`${objectId}/`)),
              )
          for (const at of ['/', ...looks]) {
            for (const recursive of [true, false]) {
              expect(await paths(gateway.files, writer, at, recursive)).toEqual(model.list(at, recursive, () => true))
              const expected = model.list(at, recursive, readable)
              expect(await paths(gateway.files, reader, at, recursive)).toEqual(expected)
              expect(await inPages(gateway.files, reader, at, recursive)).toEqual(expected)
            }
            if (at === '/') continue
            expect(await gateway.files.exists(reader, at)).toBe(model.visible(at, readable))
            expect(await gateway.files.isDirectory(reader, at)).toBe(
              model.visible(at, readable) && model.isDirectory(at),
            )
          }
        }),
        { numRuns: engine.name === 'sqlite' ? 40 : 15 },
      )
    })

    test('what does not exist, and a file, is listed as nothing', async () => {
      const gateway = await (await world()).start()
      await gateway.files.write(admin(), '/a/file', bytes('x'))
      for (const at of ['/none', '/a/file', '/a/file/below']) {
        expect(await paths(gateway.files, admin(), at)).toEqual([])
        expect(await paths(gateway.files, admin(), at, false)).toEqual([])
      }
    })

    test('a list fails when the permission service does; it is never short', async () => {
      const gateway = await (await world()).start()
      await gateway.files.write(admin(), '/a/file', bytes('x'))
      gateway.permissions.fail('check', 'UNAVAILABLE', 1)
      await expect(gateway.files.list(as('bob'), '/', { recursive: true })).rejects.toMatchObject({
        reason: 'UNAVAILABLE',
      })
    })

    test('a list asks about its directory and then, in one call, about everything below', async () => {
      const gateway = await (await world()).start()
      for (let index = 0; index < 30; index++)
        await gateway.files.write(admin(), `/d/${index % 3}/f${index}`, bytes('x'))
      gateway.permissions.grant('acme', '/d', 'direct_viewer', user('bob'))
      gateway.permissions.counts.check = 0
      expect(await paths(gateway.files, as('bob'), '/')).toHaveLength(30)
      expect(gateway.permissions.counts.check).toBe(2)
    })

    test('where most cannot be seen a list asks what can be, and about nothing else', async () => {
      const gateway = await (await world()).start({ looks: { few: 4, first: 8 } })
      for (let index = 0; index < 30; index++)
        await gateway.files.write(admin(), `/d/${index % 3}/f${index}`, bytes('x'))
      gateway.permissions.grant('acme', '/d/1/f4', 'direct_viewer', user('bob'))
      const { counts } = gateway.permissions
      for (const look of [
        () => paths(gateway.files, as('bob'), '/'),
        () => paths(gateway.files, as('bob'), '/d', true),
        () => inPages(gateway.files, as('bob'), '/', true),
      ]) {
        counts.questions = 0
        expect(await look()).toEqual(['/d/1/f4'])
        // Whether the directory may be read as a whole, before and after.
        expect(counts.questions).toBe(2)
      }
      counts.questions = 0
      expect(await gateway.files.exists(as('bob'), '/d')).toBe(true)
      expect(counts.questions).toBeLessThanOrEqual(5)
    })
  })
}

/** The same list, two at a time. */
async function inPages(files: Files, context: CallContext, path: string, recursive: boolean): Promise<string[]> {
  const found: string[] = []
  for (let after: string | null = null; ; ) {
    const { entries, more } = await files.listPage(context, path, { recursive, after, limit: 2 })
    found.push(...entries.map((entry) => entry.path))
    if (!more) return found
    after = found.at(-1) ?? null
  }
}

async function attempt(files: Files, context: CallContext, step: Step): Promise<boolean> {
  const { kind, path: at } = step
  try {
    if (kind === 'rename') await files.rename(context, at, step.to)
    if (kind === 'write') await files.write(context, at, bytes(at))
    if (kind === 'mkdir') await files.mkdir(context, at, { parents: true, existOk: false })
    if (kind === 'delete') await files.delete(context, at)
    if (kind === 'rmdir') await files.rmdir(context, at, { recursive: true })
    return true
  } catch (error) {
    if (!(error instanceof NexusError) || error.reason === 'INTERNAL') throw error
    return false
  }
}
