import { goOnResident } from '../../tenants/go-on-resident.ts'
import type { TenantRegistry } from '../../tenants/tenant-registry.ts'
import { type Asked, AnswerRun, type Outcome } from './answer-run.ts'
import type { QuestionScope } from './question.ts'

/** What became of questions, in their order; all at one revision. */
export interface Answers {
  readonly revision: number
  readonly outcomes: readonly Outcome[]
}

/**
 * Answers questions of one scope: at once where the tenant is at hand and the work is short.
 * @throws NexusError what concerns all of them, such as UNAVAILABLE or SCHEMA_VERSION_NOT_FOUND
 */
export function answerQuestions(
  tenants: TenantRegistry,
  scope: QuestionScope,
  asked: readonly Asked[],
): Answers | Promise<Answers> {
  const view = tenants.viewNow(scope.tenant, scope.freshness)
  const schema = scope.schemaVersion === '' ? view?.schema : tenants.schemas.known(scope.tenant, scope.schemaVersion)
  if (view === null || schema === undefined) return answerLater(tenants, scope, asked)
  const run = new AnswerRun(view, schema, scope, asked)
  if (run.advance()) return run
  return tenants.holdsChangesBack(view) ? answerLater(tenants, scope, asked) : goOnResident(view, run.rest())
}

async function answerLater(tenants: TenantRegistry, scope: QuestionScope, asked: readonly Asked[]): Promise<Answers> {
  const deadline = asked.reduce((latest, { deadline: one }) => Math.max(latest, one), 0)
  const { tenant, schemaVersion } = scope
  const fixed = schemaVersion === '' ? null : await tenants.schemas.version(tenant, schemaVersion)
  return tenants.evaluate(tenant, scope.freshness, deadline, (view) =>
    new AnswerRun(view, fixed ?? view.schema, scope, asked).rest(),
  )
}
