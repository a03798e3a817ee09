import type { CallContext } from '../context.ts'
import type { Permissions, RelationshipRow } from '../permissions/contract.ts'
import type { ObjectName } from '../relationships/object-name.ts'
import type { OwnershipOptions } from '../relationships/ownership.ts'
import { type FoundShare, listIncoming, listOutgoing } from './list-shares.ts'
import { makePrivate, makePublic } from './publish.ts'
import { type RevokeFacts, revoke, revokeById } from './revoke.ts'
import { share, type ShareFacts } from './share.ts'

/** Shares of files and directories, within a tenant and across, and what is public. */
export interface Shares {
  share(context: CallContext, facts: ShareFacts): Promise<string>
  revoke(context: CallContext, facts: RevokeFacts): Promise<boolean>
  revokeById(context: CallContext, id: string): Promise<boolean>
  listOutgoing(context: CallContext, tenant: string, object: ObjectName | null): Promise<readonly FoundShare[]>
  listIncoming(
    context: CallContext,
    recipient: { readonly type: string; readonly id: string },
  ): Promise<readonly FoundShare[]>
  makePublic(context: CallContext, object: ObjectName): Promise<string>
  makePrivate(context: CallContext, object: ObjectName): Promise<boolean>
}

export interface SharesOptions extends OwnershipOptions {
  readonly permissions: Permissions
  readonly incoming: Incoming
}

/** What other tenants share with a subject of a tenant. */
export type Incoming = (
  tenant: string,
  subject: { readonly type: string; readonly id: string },
  deadline: number,
) => Promise<readonly { readonly tenant: string; readonly row: RelationshipRow }[]>

export function createShares(options: SharesOptions): Shares {
  return {
    share: (context, facts) => share(options, context, facts),
    revoke: (context, facts) => revoke(options, context, facts),
    revokeById: (context, id) => revokeById(options, context, id),
    listOutgoing: (context, tenant, object) => listOutgoing(options, context, tenant, object),
    listIncoming: (context, recipient) => listIncoming(options, context, recipient),
    makePublic: (context, object) => makePublic(options, context, object),
    makePrivate: (context, object) => makePrivate(options, context, object),
  }
}
