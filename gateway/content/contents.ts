import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { leaseOf } from './commands.ts'
import type { ContentStore } from './contract.ts'

/** A writer has this long from registering a content to referring to it, in milliseconds. */
const LEASE_MS = 600_000
/** A lease with this part of it left is good enough for another writer. */
const LEASE_LEFT = 0.2
const COLLECTED_RETRY_MS = 50
/** Contents up to this size are kept in memory, in bytes. */
const HOT_ITEM_BYTES = 1_048_576

export interface StoredContent {
  readonly hash: string
  readonly size: number
}

/** Bytes by hash, safe against the collector. */
export interface Contents {
  /** Durable when it resolves, and safe from the collector for ten minutes. */
  put(bytes: Uint8Array, deadline: number): Promise<StoredContent>
  /** The bytes; they are shared, so nobody may change them. @throws NexusError INTERNAL if they are lost */
  get(hash: string, size: number): Promise<Uint8Array>
  /** Bytes `start` to before `end`, both within `size`; the rest is not read. @throws NexusError INTERNAL if they are lost */
  range(hash: string, size: number, start: number, end: number): Promise<Uint8Array>
}

export interface ContentsOptions {
  readonly db: GatewayDatabase
  readonly store: ContentStore
  /** Memory for contents that were read lately, in bytes. @default 67108864 */
  readonly hotBytes?: number
  /** From registering a content to referring to it, in milliseconds. @default 600000 */
  readonly leaseMs?: number
}

export function createContents(options: ContentsOptions): Contents {
  const { db, store, leaseMs = LEASE_MS } = options
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

  async function get(hash: string, size: number): Promise<Uint8Array> {
    const known = hot.get(hash)
    if (known !== undefined) return known
    const bytes = await store.get(hash)
    if (bytes === null || bytes.byteLength !== size) throw lost(hash, bytes, size)
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

    get,

    async range(hash, size, start, end) {
      if (size <= HOT_ITEM_BYTES) return (await get(hash, size)).subarray(start, end)
      const bytes = await store.getRange(hash, start, end)
      if (bytes === null || bytes.byteLength !== end - start) throw lost(hash, bytes, end - start)
      return bytes
    },
  }
}

function lost(hash: string, bytes: Uint8Array | null, size: number): NexusError {
  const found = bytes === null ? 'missing' : `${bytes.byteLength} bytes instead of ${size}`
  return new NexusError(
    'INTERNAL',
    'The content of this file is missing from the content store; restore it from a backup.',
    { cause: new Error(`content ${hash}: ${found}`) },
  )
}
