import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { ListSubjectsRequest, ListSubjectsResponse } from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { listedSubjectKey } from '../../engine/list-subjects.ts'
import { validateObjectNames, validateRelationName, validateSubjectNames } from '../../model/validate-names.ts'
import { requireRelation, validateSubjectType } from '../../schema/validate.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { DEFAULT_LIST_NODE_BUDGET } from '../limits.ts'
import { requireCount } from '../parse/fields.ts'
import { parseScope } from '../parse/scope.ts'
import { presentSubject } from '../present/relationship.ts'
import { requestHash } from '../request-hash.ts'
import { inTurns } from './in-turns.ts'
import { messagesOf, resumeAt } from './list-messages.ts'
import { withEvaluatorInTurns } from './with-evaluator.ts'

/** ListSubjects: who has the relation on the object. */
export function listSubjectsHandler(api: ApiContext) {
  return async function* (
    request: ListSubjectsRequest,
    call: CallContext<Caller>,
  ): AsyncGenerator<ListSubjectsResponse> {
    const { scope, asked, limit, resumption } = parseListSubjects(request, api)
    requireTenant(call.caller, scope.tenant)

    const { listed, token, revision } = await withEvaluatorInTurns(api, scope, call.deadline, function* (lookup) {
      const { objectType, relation, subjectType: type, subjectRelation } = asked
      requireRelation(lookup.schema, objectType, relation)
      validateSubjectType(lookup.schema, { type, id: '-', relation: subjectRelation })
      return { ...lookup, listed: yield* inTurns(lookup.evaluator.listSubjectsInSteps(asked), call.isCancelled) }
    })

    const { position } = resumption
    const after = position === '' ? listed : listed.filter((one) => listedSubjectKey(one) > position)
    for (const { page, cursor } of messagesOf(
      after,
      limit,
      listedSubjectKey,
      { ...resumption, revision },
      api.tokens,
    )) {
      const subjects = page.map(({ subject, excluded }) => {
        return { subject: presentSubject(subject), excluded: excluded.map(presentSubject) }
      })
      yield { subjects, cursor, token }
    }
  }
}

function parseListSubjects(request: ListSubjectsRequest, api: ApiContext) {
  const parsed = parseScope(request, api.tokens, DEFAULT_LIST_NODE_BUDGET)
  const { object, relation, subjectType, subjectRelation, limit } = request
  if (object === undefined) throw new NexusError('INVALID_OBJECT', 'The object is not set.')
  requireCount(limit, 'limit')
  const asked = { objectType: object.type, objectId: object.id, relation, subjectType, subjectRelation }
  validateObjectNames(asked)
  validateRelationName(relation)
  validateSubjectNames({ tenant: '', type: subjectType, id: '-', relation: subjectRelation })
  const hash = requestHash({ rpc: 'ListSubjects', ...asked, schemaVersion: request.schemaVersion })
  const resumption = resumeAt(request.cursor, parsed.tenant, hash, api.tokens)
  return { scope: resumption.applyTo(parsed), asked, limit, resumption }
}
