import type { Agents } from '../agents/agents.ts'
import type { Auditor } from '../audit/auditor.ts'
import type { CallContext } from '../context.ts'
import type { Files, NewFile } from '../files/contract.ts'
import type { FileDeps } from '../files/deps.ts'
import type { Outbox } from '../outbox/applier.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import type { Workspaces } from '../workspaces/workspaces.ts'
import { deprovision, type DeprovisionRequest } from './deprovision.ts'
import { type Provisioned, provision, type ProvisionRequest } from './provision.ts'

/**
 * Who belongs to a tenant. People handle themselves, administrators everybody in their tenant, global ones in every
 * tenant. Errors: ACCESS_DENIED, INVALID_PARAMS, UNAVAILABLE, and those that are named.
 */
export interface People {
  provision(context: CallContext, request: ProvisionRequest): Promise<Provisioned>
  /** @throws NexusError CONFLICT for an administrator without `force`, and for the last one */
  deprovision(context: CallContext, request: DeprovisionRequest): ReturnType<typeof deprovision>
}

/** What a new user may begin with. */
export interface Starter {
  readonly agents: readonly { readonly name: string; readonly description: string; readonly inherits: boolean }[]
  /** Files by paths below the directory of the skill. */
  readonly skills: () => Promise<readonly { readonly name: string; readonly files: readonly NewFile[] }[]>
}

export interface PeopleOptions {
  readonly db: GatewayDatabase
  readonly deps: FileDeps
  readonly files: Files
  readonly outbox: Outbox
  readonly auditor: Auditor
  readonly agents: Agents
  readonly workspaces: Workspaces
  readonly starter: Starter
}

export function createPeople(options: PeopleOptions): People {
  return {
    provision: (context, request) => provision(options, context, request),
    deprovision: (context, request) => deprovision(options, context, request),
  }
}
