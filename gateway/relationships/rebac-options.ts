import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { all } from '../../services/common/sql/script.ts'
import { actorName, type CallContext } from '../context.ts'
import type { GatewayDatabase } from '../store/open-store.ts'

/** What a tenant can set, with what holds where it has not. */
const DEFAULTS = { max_depth: 0, cache_ttl: 0 } as const
const MAXIMA = { max_depth: 10_000, cache_ttl: 86_400 } as const
export type RebacOption = keyof typeof DEFAULTS

/**
 * Settings of a tenant about its permissions. `max_depth` bounds how far rebac_explain follows relations (0: without
 * limit). `cache_ttl`, in seconds, is kept for clients that set it: decisions are not cached, so that none is stale.
 */
export interface RebacOptions {
  read(context: CallContext): Promise<Readonly<Record<RebacOption, number>>>
  /** @throws NexusError ACCESS_DENIED unless the caller administers the tenant, INVALID_PARAMS */
  set(context: CallContext, name: RebacOption, value: number): Promise<void>
}

export function createRebacOptions(db: GatewayDatabase): RebacOptions {
  return {
    async read({ caller, scope }) {
      const rows = await db.read(
        () =>
          all<{ name: string; value: number }>(
            'select name, value from rebac_options where tenant = $1',
            caller.tenant,
          ),
        { deadline: scope.deadline },
      )
      const stored = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
      return { ...DEFAULTS, ...stored }
    },
    async set(context, name, value) {
      const { caller } = context
      if (!caller.isAdmin) {
        throw new NexusError('ACCESS_DENIED', 'Admin privileges required to set an option of the tenant')
      }
      if (value > MAXIMA[name]) {
        throw new NexusError('INVALID_PARAMS', `the option '${name}' is at most ${MAXIMA[name]}`)
      }
      const audit = {
        tenant: caller.tenant,
        entryId: uuidv7(),
        at: context.now,
        actor: actorName(caller),
        keyId: caller.keyId,
        requestId: context.requestId,
        action: 'set_rebac_option',
        path: null,
        outcome: 'ok' as const,
        detail: JSON.stringify({ name, value }),
      }
      await db.write(
        'setRebacOption',
        { tenant: caller.tenant, name, value, audit },
        { deadline: context.scope.deadline },
      )
    },
  }
}
