import { v7 as uuidv7 } from 'uuid'
import type { AuditRow } from '../audit/commands.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { purgeable } from './trash-rows.ts'

const BATCH = 100

export interface PurgeOptions {
  readonly db: GatewayDatabase
  /** How long the trash keeps what was deleted, in milliseconds. */
  readonly retentionMs: number
  /** Milliseconds since 1970. @default Date.now() */
  readonly now?: number
}

/**
 * Deletes for good what has been in the trash for long, and what an earlier process began to delete; answers how many.
 * Any number of gateways may do it at once.
 */
export async function purgeExpired({ db, retentionMs, now = Date.now() }: PurgeOptions): Promise<number> {
  for (let purged = 0; ; ) {
    const rows = await db.read(() => purgeable(now - retentionMs, BATCH))
    if (rows.length === 0) return purged
    for (const { tenant, trash_id: trashId } of rows) {
      await purgeWhole(db, { tenant, trashId, now, audit: { ...BY_SYSTEM, tenant, at: now, entryId: uuidv7() } })
      purged++
    }
  }
}

const BY_SYSTEM = {
  actor: 'system:trash',
  keyId: null,
  requestId: 'retention',
  action: 'trash_purge',
  outcome: 'ok',
  detail: null,
} as const

/** Step by step, so that others can write in between. */
export async function purgeWhole(
  db: GatewayDatabase,
  request: {
    readonly tenant: string
    readonly trashId: string
    readonly now: number
    readonly audit: Omit<AuditRow, 'path'>
  },
  deadline?: number,
): Promise<void> {
  const options = { group: request.tenant, ...(deadline === undefined ? {} : { deadline }) }
  while (!(await db.write('purgeTrash', request, options))) {
    // What is left goes with the next round.
    if (deadline !== undefined && Date.now() >= deadline) return
  }
}
