import { describeError } from '../services/common/errors/nexus-error.ts'
import type { Logger } from '../services/common/log.ts'
import { collectOrphans, collectStrays } from './content/collector.ts'
import type { ContentStore } from './content/contract.ts'
import type { GatewayDatabase } from './store/open-store.ts'

const ORPHANS_EVERY_MS = 600_000
const STRAYS_EVERY_MS = 21_600_000

export interface UpkeepOptions {
  readonly db: GatewayDatabase
  readonly store: ContentStore
  readonly logger: Logger
}

/** Collects contents that nothing refers to, now and then. Answers how to stop it. */
export function startUpkeep({ db, store, logger }: UpkeepOptions): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const timers = (
    [
      ['orphans', ORPHANS_EVERY_MS, () => collectOrphans({ db, store })],
      ['strays', STRAYS_EVERY_MS, () => collectStrays({ db, store })],
    ] as const
  ).map(([what, every, collect]) => {
    const round = async (): Promise<void> => {
      try {
        const collected = await collect()
        if (collected > 0) logger.info({ collected, what }, 'contents were collected')
      } catch (error) {
        logger.warn({ what, error: describeError(error) }, 'contents were not collected; it will be repeated')
      }
    }
    return setInterval(() => {
      running = running.then(round)
    }, every).unref()
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
    return running
  }
}
