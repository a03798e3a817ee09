import type { OutboxChange } from '../outbox/entry.ts'
import type { Incoming } from './shares.ts'

/** Another tenant shares something with a subject, which it knows with the tenant of the subject. */
export interface SharedAbroad {
  /** The tenant that shares. */
  readonly graph: string
  readonly tenant: string
  readonly type: string
  readonly id: string
}

/** What other tenants share with subjects of a tenant that are to go. */
export async function sharedAbroad(
  incoming: Incoming,
  tenant: string,
  subjects: readonly { readonly type: string; readonly id: string }[],
  deadline: number,
): Promise<readonly SharedAbroad[]> {
  const found = await Promise.all(
    subjects.map(async ({ type, id }) => {
      const shares = await incoming(tenant, { type, id }, deadline)
      return [...new Set(shares.map((share) => share.tenant))].map((graph) => ({ graph, tenant, type, id }))
    }),
  )
  return found.flat()
}

/** Somebody new of the same name must not find it shared. */
export function forgottenAbroad(shares: readonly SharedAbroad[]): readonly OutboxChange[] {
  return shares.map(({ graph, tenant, type, id }) => ({
    kind: 'deleteMatching',
    graph,
    filter: { subjectTenant: tenant, subjectType: type, subjectId: id },
  }))
}
