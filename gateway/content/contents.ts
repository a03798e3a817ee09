import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { leaseOf } from './commands.ts'
import type { ContentStore, StagedContent } from './contract.ts'

/** A writer has this long from registering a content to referring to it, in milliseconds. */
const LEASE_MS = 600_000
/** A lease with this part of it left is good enough for another writer. */
const LEASE_LEFT = 0.2
const COLLECTED_RETRY_MS = 50
/** Contents up to this size are kept in memory, in bytes. */
const HOT_ITEM_BYTES = 1_048_576
const WHOLE_BYTES = 67_108_864

export interface StoredContent {
  readonly hash: string
  readonly size: number
}

/** Bytes by hash, safe against the collector. */
export interface Contents {
  /** Durable when it resolves, and safe from the collector for ten minutes. */
  put(bytes: Uint8Array, deadline: number): Promise<StoredContent>
  /** Takes in bytes as they come, however many. @throws what the source throws, as it is */
  stage(source: AsyncIterable<Uint8Array>): Promise<StagedContent>
  /** As put, for what was staged. May be asked again if the collector was faster. */
  putStaged(staged: StagedContent, deadline: number): Promise<StoredContent>
  /** Whether a content may be held in memory as a whole. @throws NexusError TOO_LARGE */
  checkWhole(size: number): void
  /** The bytes; they are shared, so nobody may change them. @throws NexusError TOO_LARGE, INTERNAL if they are lost */
  get(hash: string, size: number): Promise<Uint8Array>
  /**
   * Bytes `start` to before `end`, both within `size`; the rest is not read.
   * @throws NexusError TOO_LARGE, INTERNAL if they are lost
   */
  range(hash: string, size: number, start: number, end: number): Promise<Uint8Array>
  /** As range, piece by piece, so that size does not matter. To be read or destroyed. @throws NexusError INTERNAL if they are lost */
  stream(hash: string, size: number, start: number, end: number): Promise<Readable>
  /** Where a program on this machine can read the bytes; null if it cannot. They may be gone at any moment. */
  fileOf(hash: string): string | null
}

export interface ContentsOptions {
  readonly db: GatewayDatabase
  readonly store: ContentStore
  /** Memory for contents that were read lately, in bytes. @default 67108864 */
  readonly hotBytes?: number
  /** Larger contents are not held in memory as a whole, in bytes. @default 67108864 */
  readonly wholeBytes?: number
  /** From registering a content to referring to it, in milliseconds. @default 600000 */
  readonly leaseMs?: number
}

export function createContents(options: ContentsOptions): Contents {
  const { db, store, leaseMs = LEASE_MS, wholeBytes = WHOLE_BYTES } = options
  const hot = new LRUCache<string, Uint8Array>({
    maxSize: options.hotBytes ?? 67_108_864,
    maxEntrySize: HOT_ITEM_BYTES,
    sizeCalculation: (bytes) => bytes.byteLength + 200,
  })

  async function lease(hash: string, size: number, deadline: number): Promise<void> {
    const until = await db.read(() => leaseOf(hash), { deadline })
    if (until !== null && until > Date.now() + leaseMs * LEASE_LEFT) return
    for (;;) {
      const now = Date.now()
      // A group for each hash: transactions that lock one row each never wait for each other in a circle.
      const group = `content ${hash}`
      if (await db.write('leaseContent', { hash, size, until: now + leaseMs, now }, { group, deadline })) return
      if (Date.now() + COLLECTED_RETRY_MS >= deadline) {
        throw new NexusError('UNAVAILABLE', 'The same content is being removed just now; try again later.')
      }
      await delay(COLLECTED_RETRY_MS)
    }
  }

  function checkSize(size: number): void {
    if (size <= wholeBytes) return
    throw new NexusError(
      'TOO_LARGE',
      `These are ${size} bytes; at most ${wholeBytes} are handled at once. GET /api/files/PATH gives any number, read_range a part.`,
    )
  }

  async function get(hash: string, size: number): Promise<Uint8Array> {
    checkSize(size)
    const known = hot.get(hash)
    if (known !== undefined) return known
    const bytes = await store.get(hash)
    if (bytes === null || bytes.byteLength !== size) throw lost(hash, bytes?.byteLength ?? null, size)
    hot.set(hash, bytes)
    return bytes
  }

  return {
    async put(bytes, deadline) {
      const hash = createHash('sha256').update(bytes).digest('hex')
      await lease(hash, bytes.byteLength, deadline)
      await store.put(hash, bytes)
      return { hash, size: bytes.byteLength }
    },

    stage: (source) => store.stage(source),

    async putStaged(staged, deadline) {
      const { hash, size } = staged
      await lease(hash, size, deadline)
      await staged.keep()
      return { hash, size }
    },

    checkWhole: checkSize,
    get,

    async range(hash, size, start, end) {
      checkSize(end - start)
      if (size <= HOT_ITEM_BYTES) return (await get(hash, size)).subarray(start, end)
      const bytes = await store.getRange(hash, start, end)
      if (bytes === null || bytes.byteLength !== end - start) throw lost(hash, bytes?.byteLength ?? null, end - start)
      return bytes
    },

    async stream(hash, size, start, end) {
      if (size <= HOT_ITEM_BYTES) return Readable.from([(await get(hash, size)).subarray(start, end)])
      const opened = await store.openRange(hash, start, end)
      if (opened === null || opened.size !== size) {
        opened?.bytes.destroy()
        throw lost(hash, opened === null ? null : opened.size, size)
      }
      return opened.bytes
    },

    fileOf: (hash) => store.fileOf(hash),
  }
}

function lost(hash: string, length: number | null, size: number): NexusError {
  const found = length === null ? 'missing' : `${length} bytes instead of ${size}`
  return new NexusError(
    'INTERNAL',
    'The content of this file is missing from the content store; restore it from a backup.',
    { cause: new Error(`content ${hash}: ${found}`) },
  )
}
