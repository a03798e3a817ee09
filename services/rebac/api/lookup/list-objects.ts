import type { ListObjectsRequest, ListObjectsResponse } from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import { withDeadline } from '../../../common/grpc/deadline.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { Subject } from '../../model/relationship.ts'
import { subjectForm } from '../../schema/direct-types.ts'
import { validateAsked } from '../../schema/validate.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_LIST_NODE_BUDGET } from '../limits.ts'
import { requireCount } from '../parse/fields.ts'
import { parseAlsoAs, parseScope } from '../parse/scope.ts'
import { parseSubject } from '../parse/subject.ts'
import { requestHash } from '../request-hash.ts'
import { messagesOf, type Resumption, resumeAt } from './list-messages.ts'
import { inTurns } from './in-turns.ts'
import { allSubjects, withEvaluatorInTurns } from './with-evaluator.ts'

/** ListObjects: found at one revision before the first message is sent, so a slow reader holds up nobody. */
export function listObjectsHandler(api: ApiContext) {
  return async function* (request: ListObjectsRequest, call: CallContext<Caller>): AsyncGenerator<ListObjectsResponse> {
    const { scope, asked, resumption } = parseListObjects(request, api)
    requireTenant(call.caller, scope.tenant)

    const found = withEvaluatorInTurns(api, scope, call.deadline, function* (lookup) {
      const subjects = allSubjects(lookup, asked)
      for (const subject of subjects) validateAsked(lookup.schema, { ...asked, subject })
      const question = { ...asked, subjects, afterId: resumption.position, limit: wanted(asked.limit) }
      const { evaluator } = lookup
      const listed = yield* inTurns(evaluator.listObjectsInSteps(question), call.isCancelled)
      return { ...lookup, listed, coversAll: evaluator.listCoversAll(question) }
    })
    const looked = request.lookForIncomingShares ? hasNoShares(api, scope.tenant, asked.subject, call.deadline) : false
    const [{ listed, coversAll, token, revision }, noIncomingShares] = await Promise.all([found, looked])

    for (const { page, cursor } of messagesOf(
      listed,
      asked.limit,
      ({ id }) => id,
      { ...resumption, revision },
      api.tokens,
    )) {
      yield {
        objects: page.map(({ id, coversSubtree }) => ({ id, coversSubtree })),
        cursor,
        token,
        coversAll,
        noIncomingShares,
      }
    }
  }
}

function parseListObjects(request: ListObjectsRequest, api: ApiContext) {
  const parsed = parseScope(request, api.tokens, DEFAULT_LIST_NODE_BUDGET)
  const { tenant } = parsed
  const { objectType, relation, idPrefix, limit, resolveInheritance } = request
  requireCount(limit, 'limit')
  const subject = parseSubject(request.subject, tenant)
  if (request.lookForIncomingShares && (subject.tenant !== '' || subjectForm(subject) !== 'object')) {
    throw new NexusError('INVALID_SUBJECT', 'Incoming shares are looked for only for a plain subject of the tenant.')
  }
  const alsoAs = parseAlsoAs(request.alsoAs, tenant)
  const asked = { objectType, relation, idPrefix, limit, subject, alsoAs, resolveInheritance }
  const hash = requestHash({ rpc: 'ListObjects', ...asked, limit: 0, schemaVersion: request.schemaVersion })
  const resumption: Resumption = resumeAt(request.cursor, tenant, hash, api.tokens)
  return { scope: resumption.applyTo(parsed), asked, resumption }
}

/** Whether no other tenant shares anything with a subject of a tenant. */
async function hasNoShares(api: ApiContext, tenant: string, { type, id }: Subject, deadline: number): Promise<boolean> {
  const request = { subject: { tenant, type, id }, after: null, limit: 1, now: Date.now() }
  return (await withDeadline(api.store.readShares(request), deadline)).length === 0
}

/** One more than asked for tells whether there are more. */
function wanted(limit: number): number {
  return limit === 0 ? 0 : limit + 1
}
