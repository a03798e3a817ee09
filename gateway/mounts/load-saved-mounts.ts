import { describeError } from '../../services/common/errors/nexus-error.ts'
import type { Logger } from '../../services/common/log.ts'
import type { CallContext } from '../context.ts'
import { resolvePath } from '../files/paths.ts'
import { addMount, type MountsDeps } from './create-mounts.ts'
import { savedMountsToLoad } from './saved-mount-record.ts'

const TIMEOUT_MS = 30_000

/** Mounts what is saved and not mounted. One that cannot be mounted is told of, and keeps no other from it. */
export async function loadSavedMounts(deps: Pick<MountsDeps, 'files' | 'kinds'>, logger: Logger): Promise<void> {
  for (const saved of await deps.files.db.read(savedMountsToLoad)) {
    const { tenant, mountPoint } = saved
    try {
      await addMount(deps, systemContext(tenant), resolvePath(mountPoint, tenant), saved)
      logger.info({ tenant, mountPoint }, 'a saved mount was loaded')
    } catch (error) {
      logger.warn({ tenant, mountPoint, error: describeError(error) }, 'a saved mount was not loaded')
    }
  }
}

/** The server itself, to whom nothing comes to belong. */
function systemContext(tenant: string): CallContext {
  const now = Date.now()
  return {
    caller: {
      keyId: 'system',
      tenant,
      subject: { tenant: '', type: 'system', id: '', relation: '' },
      user: 'system',
      agentId: null,
      isAdmin: false,
      isGlobalAdmin: false,
      inheritPermissions: false,
    },
    requestId: 'start',
    now,
    scope: { context: {}, deadline: now + TIMEOUT_MS, atLeastAsFresh: null },
  }
}
