import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { fetchContent, type FetchDeps } from '../../../gateway/mounts/fetch.ts'
import { GuardedConnector } from '../../../gateway/mounts/connectors/guarded-connector.ts'
import type { BackendContent } from '../../../gateway/mounts/connectors/contract.ts'
import { MemoryConnector } from '../../../gateway/mounts/connectors/memory-connector.ts'
import { resolveFilePath } from '../../../gateway/files/paths.ts'

/** A back end with one file, whose bytes come as the test sends them, and whose answer when the test gives it. */
class OneFile extends MemoryConnector {
  readonly bytes = new PassThrough()
  readonly answer = Promise.withResolvers<void>()

  override async read(): Promise<BackendContent> {
    await this.answer.promise
    return { token: '1', modifiedAt: 1, size: 4, bytes: this.bytes }
  }
}

describe('bytes of a back end', () => {
  const mountPoint = '/mnt'
  function guard(timeoutMs: number) {
    const connector = new OneFile()
    return { connector, guarded: new GuardedConnector(connector, { mountPoint, timeoutMs, pauseMs: 1 }) }
  }

  it('are let go when what they were read for fails before it takes any', async () => {
    const { connector, guarded } = guard(60_000)
    connector.answer.resolve()
    const failure = new Error('no place for them')
    const deps = { maxFileBytes: 10, contents: { stage: () => Promise.reject(failure) } } as unknown as FetchDeps
    const backEnd = { mount: { mountPoint }, connector: guarded } as never
    const fetched = fetchContent(deps, backEnd, resolveFilePath('/mnt/a', 'acme'), { node_id: 'n', mount_token: '' })
    await expect(fetched).rejects.toBe(failure)
    await expect.poll(() => connector.bytes.destroyed, { timeout: 30_000 }).toBe(true)
  })

  it.each(['that do not come', 'that fail'])(
    '%s end nothing but themselves, also where nobody reads them',
    async (how) => {
      const { connector, guarded } = guard(how === 'that fail' ? 60_000 : 20)
      connector.answer.resolve()
      const found = await guarded.read('a')
      if (how === 'that fail') connector.bytes.destroy(new Error('reset'))
      const bytes = found?.bytes ?? expect.unreachable()
      await expect.poll(() => bytes.closed, { timeout: 30_000 }).toBe(true)
      expect(connector.bytes.destroyed).toBe(true)
      await expect(buffer(bytes)).rejects.toMatchObject({ reason: 'MOUNT_UNAVAILABLE' })
    },
  )

  it('that are found too late are let go', async () => {
    const { connector, guarded } = guard(20)
    await expect(guarded.read('a')).rejects.toMatchObject({ reason: 'MOUNT_UNAVAILABLE' })
    connector.answer.resolve()
    await expect.poll(() => connector.bytes.destroyed, { timeout: 30_000 }).toBe(true)
    // Some streams tell only then that they were given up.
    expect(connector.bytes.listenerCount('error')).toBeGreaterThan(0)
  })
})
