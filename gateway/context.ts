import type { PermissionScope, PermissionSubject } from './permissions/contract.ts'

/** Who calls: what an API key (and X-Agent-ID) stands for. */
export interface Caller {
  readonly keyId: string
  readonly tenant: string
  /** The acting subject; its `tenant` is ''. */
  readonly subject: PermissionSubject
  /** The user whose key it is, or who owns the agent. */
  readonly user: string
  /** Set if the acting subject is an agent. */
  readonly agentId: string | null
  /** Administrator of the key's own tenant; an agent never is. */
  readonly isAdmin: boolean
  /** May also name other tenants and write the server-wide skills. */
  readonly isGlobalAdmin: boolean
  /** As shown by whoami; what an agent really inherits is a relationship in the permission service. */
  readonly inheritPermissions: boolean
}

/** What every command of the gateway is given. */
export interface CallContext {
  readonly caller: Caller
  readonly requestId: string
  readonly scope: PermissionScope
  /** A signal that is given when nobody waits for the answer any more. */
  readonly gone?: () => AbortSignal
  /**
   * Waits until the call may be one of the few whose answers are large, as it then is until it is answered.
   * @throws NexusError BUSY at the deadline, CANCELLED
   */
  readonly enterLarge?: () => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: number
}

/** How a caller is named in audit rows and versions: `user:alice`, `user:admin,agent:x`. */
export function actorName(caller: Caller): string {
  return caller.agentId === null
    ? `${caller.subject.type}:${caller.subject.id}`
    : `user:${caller.user},agent:${caller.agentId}`
}
