import { setTimeout as delay } from 'node:timers/promises'
import { all, first, type Script } from '../../services/common/sql/script.ts'
import { describeError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { ContentStore } from '../content/contract.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { NamePlace } from './commands.ts'
import { wordsOfContent } from './text.ts'

const NAMES = 500
const TEXTS = 20
const PAUSE_MS = 5_000

export interface BacklogOptions {
  readonly db: GatewayDatabase
  readonly store: ContentStore
  readonly logger: Logger
  /** How much of a content is indexed, in bytes. */
  readonly textBytes: number
}

/** Whether everything that was there before the index is in it. */
export function* isComplete(): Script<boolean> {
  return (yield* first("select 1 as one from search_state where key = 'complete'")) !== undefined
}

/**
 * Indexes in the background what was there before there was an index, and says so when it is done. What was done before
 * a restart is not done again. Answers how to stop it.
 */
export function startSearchBacklog(options: BacklogOptions): () => Promise<void> {
  const stop = new AbortController()
  const running = untilDone(options, stop.signal)
  return async () => {
    stop.abort()
    await running
  }
}

async function untilDone(options: BacklogOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await indexBacklog(options, signal)
      return
    } catch (error) {
      options.logger.warn({ error: describeError(error) }, 'files could not be indexed for search; it will be repeated')
      await delay(PAUSE_MS, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}

/** All of it, unless it is stopped. */
export async function indexBacklog(
  { db, store, logger, textBytes }: BacklogOptions,
  signal: AbortSignal,
): Promise<void> {
  if (await db.read(isComplete)) return
  for (let after: NamePlace | null = { tenant: '', nodeId: '' }; after !== null && !signal.aborted; )
    after = await db.write('indexNameBacklog', { after, limit: NAMES }, { group: 'search' })
  let after = ''
  let texts = 0
  while (!signal.aborted) {
    const place = after
    const hashes = await db.read(() => unindexed(place))
    const found = await Promise.all(
      hashes.map(async (hash) => {
        // A content that is gone has no words; that it is missing is told to whoever reads it.
        const bytes = (await store.getRange(hash, 0, textBytes + 1)) ?? new Uint8Array()
        return { hash, words: wordsOfContent(bytes, textBytes) }
      }),
    )
    if (found.length > 0) await db.write('indexTextBacklog', found, { group: 'search' })
    texts += found.length
    const last = hashes.at(-1)
    if (last === undefined) break
    after = last
  }
  if (signal.aborted) return
  await db.write('finishSearchBacklog', null, { group: 'search' })
  if (texts > 0) logger.info({ texts }, 'what was there before is indexed for search')
}

function* unindexed(after: string): Script<readonly string[]> {
  const rows = yield* all<{ content_hash: string }>(
    `select c.content_hash from contents c where c.content_hash > $1
  and not exists (select 1 from search_texts t where t.content_hash = c.content_hash)
order by c.content_hash limit $2`,
    after,
    TEXTS,
  )
  return rows.map((row) => row.content_hash)
}
