import { expect, it } from 'vitest'
import type { CallContext } from '../../../gateway/context.ts'
import type { Files } from '../../../gateway/files/contract.ts'
import { fileBatchMethods } from '../../../gateway/rpc/methods/file-batches.ts'

it('read_bulk holds no content that would make more than 64 MiB', async () => {
  let held = 0
  const read: Files['read'] = async (_, path, accept) => {
    const size = 40 * 1_048_576
    accept?.(size)
    held += size
    await Promise.resolve()
    return { content: new Uint8Array(), entry: { path } as Awaited<ReturnType<Files['read']>>['entry'] }
  }
  const limits = { batch: 100, listPage: 1, grepResults: 1, globPatterns: 1, globResults: 1 }
  const method = fileBatchMethods({ read } as Files, limits).find(({ name }) => name === 'read_bulk')
  const call = method?.handle(
    { paths: ['/a', '/b', '/c'], return_metadata: false, skip_errors: true },
    {} as CallContext,
  )
  await expect(call).rejects.toThrow('The files have more than 64 MiB together; read fewer at once.')
  expect(held).toBe(40 * 1_048_576)
})
