import { Evaluator } from '../../engine/evaluator.ts'
import type { Subject } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import type { GraphReader } from '../../graph/graph-reader.ts'
import type { EvaluationView, Work } from '../../tenants/tenant-view.ts'
import type { ApiContext } from '../api-context.ts'
import { inheritedSubjects } from '../check/inherited-subjects.ts'
import type { QuestionScope } from '../check/question.ts'

/** What a lookup works with, at one revision. */
export interface Lookup {
  readonly evaluator: Evaluator
  readonly schema: Schema
  readonly graph: GraphReader
  readonly scope: QuestionScope
  readonly revision: number
  readonly token: string
}

/** Runs a lookup at one revision, in one go. On a tenant that is not in memory it runs again and again. */
export function withEvaluator<T>(
  api: ApiContext,
  scope: QuestionScope,
  deadline: number,
  work: (lookup: Lookup) => T,
): Promise<T> {
  // eslint-disable-next-line require-yield -- It has no pauses.
  return withEvaluatorInTurns(api, scope, deadline, function* (lookup) {
    return work(lookup)
  })
}

/** The same for work that lets others run in between. The tenant waits for it, so it must not wait for anybody else. */
export async function withEvaluatorInTurns<T>(
  api: ApiContext,
  scope: QuestionScope,
  deadline: number,
  work: (lookup: Lookup) => Work<T>,
): Promise<T> {
  const { tenant, schemaVersion, context, contextual, maxDepth, nodeBudget } = scope
  const fixed = schemaVersion === '' ? null : await api.tenants.schemas.version(tenant, schemaVersion)
  const lookUp = function* (view: EvaluationView): Work<T> {
    const schema = fixed ?? view.schema
    const options = { now: Date.now(), context, contextual, maxDepth, nodeBudget, deadline }
    const evaluator = new Evaluator(schema, view.graph, options)
    const { revision, graph } = view
    return yield* work({ evaluator, schema, graph, scope, revision, token: api.tokens.token(tenant, revision) })
  }
  return api.tenants.evaluate(tenant, scope.freshness, deadline, lookUp)
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
