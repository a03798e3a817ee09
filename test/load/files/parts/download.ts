import { createHash } from 'node:crypto'
import { link, mkdir } from 'node:fs/promises'
import { get, request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { interleave, medianRatio, median } from '../../figures.ts'
import type { Part } from '../../part.ts'
import { BenchGateway, STATIC_FOLDER } from '../bench-gateway.ts'
import type { Sizes } from '../sizes.ts'

const PATH = '/tenant:bench/large.bin'
const PIECE = 1_048_576
const MIBI = 1_048_576

/** A large file from the file system against the same file from express.static. */
export const download: Part<Sizes> = async ({ downloadBytes, rounds }, say) => {
  await using gateway = await BenchGateway.start()
  const key = await gateway.key('root', true)
  say(`download: storing ${downloadBytes} bytes`)
  const hash = await upload(`${gateway.url}/api/files${PATH}`, key, downloadBytes)
  const folder = join(gateway.dataDir, STATIC_FOLDER)
  await mkdir(folder, { recursive: true })
  // The very same bytes on the disk.
  await link(join(gateway.dataDir, 'content', hash.slice(0, 2), hash.slice(2, 4), hash), join(folder, 'large.bin'))
  say('download: against express.static')
  const rates = await interleave(
    {
      ours: () => rateOf(`${gateway.url}/api/files${PATH}`, key, downloadBytes),
      static: () => rateOf(`${gateway.url}/beside/large.bin`, key, downloadBytes),
    },
    Math.min(rounds, 3),
  )
  return {
    figures: { download_vs_static: medianRatio(rates.ours, rates.static) },
    notes: [
      `downloads, MiB a second: ours ${median(rates.ours).toFixed(0)}, express.static ${median(rates.static).toFixed(0)}`,
    ],
  }
}

async function upload(url: string, key: string, size: number): Promise<string> {
  const digest = createHash('sha256')
  const outgoing = request(url, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-length': size },
  })
  const response = once(outgoing, 'response') as Promise<[IncomingMessage]>
  await pipeline(Readable.from(pieces(size, (piece) => digest.update(piece))), outgoing)
  const [{ statusCode }] = await response
  if (statusCode !== 201) throw new Error(`the upload was answered with ${statusCode}`)
  return digest.digest('hex')
}

function* pieces(size: number, note: (piece: Buffer) => void): Generator<Buffer> {
  for (let at = 0; at < size; at += PIECE) {
    const piece = Buffer.alloc(Math.min(PIECE, size - at), at / PIECE)
    note(piece)
    yield piece
  }
}

/** Mebibytes a second. */
async function rateOf(url: string, key: string, size: number): Promise<number> {
  const begun = performance.now()
  const [response] = (await once(get(url, { headers: { authorization: `Bearer ${key}` } }), 'response')) as [
    IncomingMessage,
  ]
  let received = 0
  for await (const piece of response) received += (piece as Buffer).byteLength
  if (response.statusCode !== 200 || received !== size)
    throw new Error(`${url}: ${response.statusCode}, ${received} bytes`)
  return size / MIBI / ((performance.now() - begun) / 1_000)
}
