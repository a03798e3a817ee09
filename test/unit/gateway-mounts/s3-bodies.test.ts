import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { S3Connector } from '../../../gateway/mounts/connectors/s3/s3-connector.ts'

describe('what is sent to an object store', () => {
  // Takes everything, and never answers.
  const server = createServer((request) => void request.resume())
  let connector: S3Connector
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const client = new S3Client({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      // As the client of a mount.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      maxAttempts: 1,
    })
    connector = new S3Connector({ client, bucket: 'bucket', prefix: '' })
  })
  afterAll(async () => {
    await connector.close()
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })

  it.each([
    ['whole', 1_000_000],
    ['in parts', 100_000_000],
  ])('%s ends the request, and nothing else, where it cannot be read to its end', async (_how, size) => {
    const failure = new Error('the disk is broken')
    const open = () =>
      Promise.resolve(
        Readable.from(
          (async function* () {
            yield Buffer.alloc(100_000)
            throw failure
          })(),
        ),
      )
    await expect(connector.write('a', { size, open }, new AbortController().signal)).rejects.toBe(failure)
  })
})
