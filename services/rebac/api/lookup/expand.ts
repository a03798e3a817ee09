import { NexusError } from '../../../common/errors/nexus-error.ts'
import {
  type ExpandRequest,
  type ExpandResponse,
  type UsersetTree as WireTree,
  UsersetTree_Operation as Operation,
} from '../../../common/gen/nexus/rebac/v1/lookup.ts'
import type { CallContext } from '../../../common/grpc/handlers.ts'
import type { UsersetTree } from '../../engine/expand.ts'
import { validateObjectNames, validateRelationName } from '../../model/validate-names.ts'
import { requireRelation } from '../../schema/validate.ts'
import type { ApiContext } from '../api-context.ts'
import { type Caller, requireTenant } from '../authenticator.ts'
import { parseScope } from '../parse/scope.ts'
import { presentRelationship } from '../present/relationship.ts'
import { withEvaluator } from './with-evaluator.ts'

/** Expand: the tree of subjects behind one relation. */
export function expandHandler(api: ApiContext) {
  return (request: ExpandRequest, call: CallContext<Caller>): Promise<ExpandResponse> => {
    const scope = parseScope(request, api.tokens)
    requireTenant(call.caller, scope.tenant)
    const { object, relation } = request
    if (object === undefined) throw new NexusError('INVALID_OBJECT', 'The object is not set.')
    validateObjectNames({ objectType: object.type, objectId: object.id })
    validateRelationName(relation)

    return withEvaluator(api, scope, call.deadline, ({ evaluator, schema, token }) => {
      requireRelation(schema, object.type, relation)
      return { tree: presentTree(evaluator.expand(object.type, object.id, relation)), token }
    })
  }
}

function presentTree(tree: UsersetTree): WireTree {
  return {
    operation: operations[tree.operation],
    object: { type: tree.objectType, id: tree.objectId },
    relation: tree.relation,
    children: tree.children.map(presentTree),
    relationships: tree.relationships.map(presentRelationship),
    derived: tree.derived,
  }
}

const operations: Readonly<Record<UsersetTree['operation'], Operation>> = {
  leaf: Operation.OPERATION_LEAF,
  union: Operation.OPERATION_UNION,
  intersection: Operation.OPERATION_INTERSECTION,
  exclusion: Operation.OPERATION_EXCLUSION,
  from: Operation.OPERATION_FROM,
  unexpanded: Operation.OPERATION_UNSPECIFIED,
}
