import { first, type Script } from '../../../services/common/sql/script.ts'

export interface SubscriptionFacts {
  readonly subjectTenant: string
  /** type:id */
  readonly subject: string
  readonly tenant: string
  readonly nodeId: string
}

/** False if it is there already. */
export function* subscribeSkill(facts: SubscriptionFacts & { readonly now: number }): Script<boolean> {
  const row = yield* first(
    `insert into skill_subscriptions (subject_tenant, subject, tenant, node_id, created_at)
values ($1, $2, $3, $4, $5) on conflict do nothing returning node_id`,
    facts.subjectTenant,
    facts.subject,
    facts.tenant,
    facts.nodeId,
    facts.now,
  )
  return row !== undefined
}

/** False if there is none. */
export function* unsubscribeSkill(facts: SubscriptionFacts): Script<boolean> {
  const row = yield* first(
    `delete from skill_subscriptions where subject_tenant = $1 and subject = $2 and tenant = $3 and node_id = $4
returning node_id`,
    facts.subjectTenant,
    facts.subject,
    facts.tenant,
    facts.nodeId,
  )
  return row !== undefined
}
