import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Upload } from '@tus/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UploadStore } from '../../../gateway/http/uploads/upload-store.ts'

describe('the store of uploads', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nexus-uploads-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))

  async function make(store: UploadStore, id: string): Promise<Upload> {
    const metadata = { path: '/a', owner: 'acme/user:ann' }
    const creation_date = new Date(Date.now() - 60_000).toISOString()
    await store.create(new Upload({ id, size: 4, offset: 0, metadata, creation_date }))
    await store.write(Readable.from([Buffer.from('text')]), id, 0)
    return await store.getUpload(id)
  }

  it('remembers what an upload became, and keeps its length without its bytes', async () => {
    const store = UploadStore.open(directory, 3_600_000)
    await store.finish(await make(store, 'one'), 7)
    const after = await store.getUpload('one')
    expect([after.offset, after.size, store.planOf(after)]).toMatchObject([4, 4, { path: '/a', version: 7 }])
    expect((await stat(join(directory, 'one'))).blocks).toBe(0)
    expect(await store.deleteExpired()).toBe(0)
  })

  it('bears that an upload expires while it is finished, and removes what is left of it', async () => {
    const store = UploadStore.open(directory, 3_600_000)
    const upload = await make(store, 'one')
    await rm(join(directory, 'one'))
    await store.finish(upload, 7)
    await expect(store.contentOf('one').next()).rejects.toMatchObject({ reason: 'FILE_NOT_FOUND' })
    await store.remove('one')
    expect(await readdir(directory)).toEqual([])
  })

  it('lets uploads expire, whether they are finished or not', async () => {
    const store = UploadStore.open(directory, 1)
    await store.finish(await make(store, 'finished'), 1)
    await make(store, 'unfinished')
    expect(await store.deleteExpired()).toBe(2)
    expect(await readdir(directory)).toEqual([])
  })

  it('lets halves expire that a crash has left, and uploads without a byte', async () => {
    const store = UploadStore.open(directory, 3_600_000)
    const long = new Date(Date.now() - 7_200_000)
    const creation_date = long.toISOString()
    await store.create(new Upload({ id: 'empty', size: 0, offset: 0, metadata: {}, creation_date }))
    await store.create(new Upload({ id: 'noted', size: 4, offset: 0, metadata: {}, creation_date }))
    await rm(join(directory, 'noted'))
    for (const [name, text] of [
      ['bytes', 'text'],
      ['torn.json', '{"id"'],
    ] as const) {
      await writeFile(join(directory, name), text)
      await utimes(join(directory, name), long, long)
    }
    await writeFile(join(directory, 'new'), 'of an upload that is being made')
    await make(store, 'fresh')
    expect(await store.deleteExpired()).toBe(4)
    expect((await readdir(directory)).toSorted()).toEqual(['fresh', 'fresh.json', 'new'])
  })
})
