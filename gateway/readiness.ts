import { first } from '../services/common/sql/script.ts'
import type { Readiness } from './http/health.ts'
import type { Permissions } from './permissions/contract.ts'
import type { Provisioning } from './provisioning.ts'
import type { GatewayDatabase } from './store/open-store.ts'

const PATIENCE_MS = 1_000

export interface ReadinessOptions {
  readonly db: GatewayDatabase
  readonly permissions: Permissions
  readonly provisioning: Provisioning
}

/** Asks the database and the permission service now, each for at most a second. */
export function createReadiness({ db, permissions, provisioning }: ReadinessOptions): Readiness {
  return {
    async missing() {
      const deadline = Date.now() + PATIENCE_MS
      const [database, rebac] = await Promise.all([
        isTrue(db.read(() => first('select 1 as one'), { deadline }).then(() => true)),
        isTrue(permissions.healthy(deadline)),
      ])
      return [...(database ? [] : ['database']), ...(rebac ? [] : ['permission service']), ...provisioning.missing]
    },
  }
}

async function isTrue(answer: Promise<boolean>): Promise<boolean> {
  try {
    return await answer
  } catch {
    return false
  }
}
