import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { type ConnectorKind, kindOf } from './connectors/catalogue.ts'
import { GuardedConnector } from './connectors/guarded-connector.ts'
import { type MountRecord, mountById } from './mount-record.ts'

export interface BackEnd {
  readonly mount: MountRecord
  readonly connector: GuardedConnector
}

export interface BackEndsOptions {
  readonly db: GatewayDatabase
  readonly kinds: readonly ConnectorKind[]
  readonly timeoutMs: number
  readonly pauseMs: number
}

/** The back ends that this process talks to; each is opened when it is first asked for. */
export class BackEnds {
  readonly #options: BackEndsOptions
  // A mount never changes, so what is known of it is right as long as a node names it.
  readonly #open = new Map<string, BackEnd>()

  constructor(options: BackEndsOptions) {
    this.#options = options
  }

  /** null if the mount was removed. @throws NexusError MOUNT_UNAVAILABLE if the configuration does not allow it any more */
  async get(tenant: string, mountId: string, deadline?: number): Promise<BackEnd | null> {
    const known = this.#open.get(mountId)
    if (known !== undefined) return known
    const { db, kinds, timeoutMs, pauseMs } = this.#options
    const mount = await db.read(() => mountById(tenant, mountId), deadline === undefined ? {} : { deadline })
    if (mount === null) return null
    // Somebody else may have been faster.
    const meanwhile = this.#open.get(mountId)
    if (meanwhile !== undefined) return meanwhile
    const connector = new GuardedConnector(openerOf(kinds, mount)(), {
      mountPoint: mount.mountPoint,
      timeoutMs,
      pauseMs,
    })
    const opened = { mount, connector }
    this.#open.set(mountId, opened)
    return opened
  }

  /** Of a mount that was removed. */
  async forget(mountId: string): Promise<void> {
    const known = this.#open.get(mountId)
    this.#open.delete(mountId)
    await known?.connector.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((mountId) => this.forget(mountId)))
  }
}

/** What was right when it was mounted may not be any more: settings change. */
function openerOf(kinds: readonly ConnectorKind[], { mountPoint, backendType, config, tenant }: MountRecord) {
  try {
    return kindOf(kinds, backendType).open(config, tenant)
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    throw new NexusError('MOUNT_UNAVAILABLE', `The mount '${mountPoint}' cannot be opened: ${error.message}.`)
  }
}
