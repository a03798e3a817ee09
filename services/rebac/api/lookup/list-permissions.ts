import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { ListPermissionsRequest, ListPermissionsResponse } from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import { validateObjectNames, validateSubjectNames } from '../../model/validate-names.ts'
import type { Schema } from '../../schema/schema.ts'
import { validateSubjectType } from '../../schema/validate.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseAlsoAs, parseScope } from '../parse/scope.ts'
import { parseSubject } from '../parse/subject.ts'
import { allSubjects, withEvaluator } from './with-evaluator.ts'

/** ListPermissions: every relation and permission that the subject has on the object. */
export function listPermissionsHandler(api: ApiContext) {
  return (request: ListPermissionsRequest, call: CallContext<Caller>): Promise<ListPermissionsResponse> => {
    const scope = parseScope(request, api.tokens)
    requireTenant(call.caller, scope.tenant)
    const { object, resolveInheritance } = request
    if (object === undefined) throw new NexusError('INVALID_OBJECT', 'The object is not set.')
    validateObjectNames({ objectType: object.type, objectId: object.id })
    const subject = parseSubject(request.subject, scope.tenant)
    const asked = { subject, alsoAs: parseAlsoAs(request.alsoAs, scope.tenant), resolveInheritance }

    return withEvaluator(api, scope, call.deadline, (lookup) => {
      const subjects = allSubjects(lookup, asked)
      requireType(lookup.schema, object.type)
      for (const one of subjects) {
        validateSubjectNames(one)
        validateSubjectType(lookup.schema, one)
      }
      const relations = lookup.evaluator.listPermissions(object.type, object.id, subjects)
      return { relations: [...relations], token: lookup.token }
    })
  }
}

function requireType(schema: Schema, type: string): void {
  if (schema.open || schema.types.has(type)) return
  throw new NexusError('UNKNOWN_TYPE', `The schema has no type ${type}.`)
}
