import { describe, expect, test } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { user } from '../../support/fake-permissions.ts'
import { admin, as, bytes, type Engine, type Gateway, text, worlds } from './harness.ts'

/** What a copy said, and the files that are there in the end. */
type End = readonly [answer: string, files: Readonly<Record<string, string>>]

interface Interference {
  readonly what: string
  readonly change: (gateway: Gateway) => Promise<unknown>
  /** After the copy, and before it. */
  readonly orders: readonly [End, End]
}

const interferences: readonly Interference[] = [
  {
    what: 'is removed with the directory of both',
    change: ({ files }) => files.rmdir(admin(), '/home/d', { recursive: true }),
    orders: [
      ['done', {}],
      ['FILE_NOT_FOUND', {}],
    ],
  },
  {
    what: 'is renamed with the directory of both',
    change: ({ files }) => files.rename(admin(), '/home/d', '/home/e'),
    orders: [
      ['done', { '/home/e/x': 'old', '/home/e/y': 'old' }],
      ['FILE_NOT_FOUND', { '/home/e/x': 'old' }],
    ],
  },
  {
    what: 'is written',
    change: ({ files }) => files.write(admin(), '/home/d/x', bytes('new')),
    orders: [
      ['done', { '/home/d/x': 'new', '/home/d/y': 'old' }],
      ['done', { '/home/d/x': 'new', '/home/d/y': 'new' }],
    ],
  },
  {
    what: 'makes way for another directory with another file of the name',
    change: async ({ files }) => {
      await files.rmdir(admin(), '/home/d', { recursive: true })
      await files.write(admin(), '/home/d/x', bytes('another'))
    },
    orders: [
      ['done', { '/home/d/x': 'another' }],
      ['done', { '/home/d/x': 'another', '/home/d/y': 'another' }],
    ],
  },
]

/** What is copied is there when it is copied. */
export function copyingSuite(engine: Engine): void {
  describe(`copies (${engine.name})`, () => {
    const world = worlds(engine)

    test.each(interferences)('a source that $what meanwhile: all is as in one order', async ({ change, orders }) => {
      const gateway = await (await world()).start()
      gateway.permissions.grant('acme', '/home', 'direct_editor', user('ed'))
      await gateway.files.mkdir(admin(), '/home', { parents: false, existOk: false })
      let steps = 0
      // Before each question that the copy asks, until it asks no more.
      for (let reached = true; reached; steps++) {
        await gateway.files.write(admin(), '/home/d/x', bytes('old'))
        reached = false
        let left = steps
        gateway.permissions.before = async (call) => {
          if (call !== 'check' || left-- !== 0) return
          reached = true
          await change(gateway)
        }
        const answer = await answerOf(gateway.files.copy(as('ed'), '/home/d/x', '/home/d/y'))
        gateway.permissions.before = undefined
        if (reached) expect(orders).toContainEqual([answer, await filesOf(gateway)])
        else expect(answer).toBe('done')
        for (const { path } of await gateway.files.list(admin(), '/home', { recursive: false }))
          await gateway.files.rmdir(admin(), path, { recursive: true })
      }
      expect(steps).toBeGreaterThan(2)
    })
  })
}

async function answerOf(copying: Promise<unknown>): Promise<string> {
  try {
    await copying
    return 'done'
  } catch (error) {
    if (error instanceof NexusError && error.reason !== 'INTERNAL') return error.reason
    throw error
  }
}

async function filesOf({ files }: Gateway): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { path, kind } of await files.list(admin(), '/home', { recursive: true }))
    if (kind === 'file') found[path] = await text(files, admin(), path)
  return found
}
