import type { RelationshipStore } from '../store/contract.ts'
import type { TenantRegistry } from '../tenants/tenant-registry.ts'
import type { ErrorFunnel } from './error-funnel.ts'
import type { CheckTally } from './rebac-metrics.ts'
import type { TokenCodec } from './tokens.ts'

/** What the handlers stand on. */
export interface ApiContext {
  readonly store: RelationshipStore
  readonly tenants: TenantRegistry
  readonly tokens: TokenCodec
  readonly errors: ErrorFunnel
  readonly checks: CheckTally
  /** After how long without a message a watch sends a heartbeat, in milliseconds. */
  readonly heartbeatMs: number
  /** Of one client at once. */
  readonly maxWatchesPerClient: number
}
