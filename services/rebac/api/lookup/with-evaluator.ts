import { Evaluator } from '../../engine/evaluator.ts'
import type { Subject } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import type { TenantGraph } from '../../graph/tenant-graph.ts'
import type { ApiContext } from '../api-context.ts'
import { inheritedSubjects } from '../check/inherited-subjects.ts'
import type { QuestionScope } from '../check/question.ts'

/** What a lookup works with, at one revision. */
export interface Lookup {
  readonly evaluator: Evaluator
  readonly schema: Schema
  readonly graph: TenantGraph
  readonly scope: QuestionScope
  readonly revision: number
  readonly token: string
}

/**
 * Runs a lookup at one revision; if it takes more than a turn of the event loop the tenant waits for it, so it must not
 * wait for anybody else.
 */
export async function withEvaluator<T>(
  api: ApiContext,
  scope: QuestionScope,
  deadline: number,
  work: (lookup: Lookup) => T | Promise<T>,
): Promise<T> {
  const { tenant, schemaVersion, context, contextual, maxDepth, nodeBudget } = scope
  const fixed = schemaVersion === '' ? null : await api.tenants.schemas.version(tenant, schemaVersion)
  const view = await api.tenants.view(tenant, scope.freshness, deadline)
  const unpin = view.pin()
  try {
    const schema = fixed ?? view.schema
    const options = { now: Date.now(), context, contextual, maxDepth, nodeBudget, deadline }
    const evaluator = new Evaluator(schema, view.graph, options)
    const { revision, graph } = view
    return await work({ evaluator, schema, graph, scope, revision, token: api.tokens.token(tenant, revision) })
  } finally {
    unpin()
  }
}

/** A subject with those it also asks as. */
export function allSubjects(
  { graph, scope }: Lookup,
  asked: { readonly subject: Subject; readonly alsoAs: readonly Subject[]; readonly resolveInheritance: boolean },
): readonly Subject[] {
  const { subject, alsoAs } = asked
  const inherited = asked.resolveInheritance ? inheritedSubjects(graph, subject, scope.contextual, Date.now()) : []
  return [subject, ...alsoAs, ...inherited]
}
