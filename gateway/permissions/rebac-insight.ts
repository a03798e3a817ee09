import type { Metadata, ServiceError } from '@grpc/grpc-js'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type {
  ExpandResponse,
  ExplainResponse,
  ListIncomingSharesResponse,
  ListSubjectsResponse,
} from '../../services/common/gen/nexus/rebac/v1/lookup.ts'
import type { Consistency } from '../../services/common/gen/nexus/rebac/v1/relationship.ts'
import type { ReadSchemaResponse, WriteSchemaResponse } from '../../services/common/gen/nexus/rebac/v1/schema.ts'
import type { RebacServiceClient } from '../../services/common/gen/nexus/rebac/v1/service.ts'
import type { PermissionScope, PermissionSubject, RelationshipRow } from './contract.ts'
import { contextOf, type Insight } from './insight.ts'
import { fromWireExplanation, fromWireSchema, fromWireTree, toWireFormat } from './wire-insight.ts'
import { fromWireRelationship } from './wire-relationships.ts'
import { fromWireSubject, toWireSubject } from './wire-subjects.ts'

/** Makes a call within a deadline, again while the service is away if it may be done twice. */
export type MakeCall = <Response>(
  deadline: number,
  repeatable: boolean,
  start: (
    metadata: Metadata,
    call: { readonly deadline: number },
    done: (error: ServiceError | null, response: Response) => void,
  ) => unknown,
) => Promise<Response>

/** Shares of one page when all are read. */
const PAGE_SIZE = 5_000

/** Insight over gRPC. */
export function rebacInsight(client: RebacServiceClient, makeCall: MakeCall): Insight {
  return {
    async subjects({ tenant, objectType, objectId, relation, subjectType }, scope) {
      const wire = {
        ...lookup(tenant, objectType, objectId, relation, scope),
        subjectType,
        subjectRelation: '',
        limit: 0,
        cursor: '',
      }
      return await makeCall<PermissionSubject[]>(scope.deadline, true, (metadata, call, done) => {
        const found: PermissionSubject[] = []
        const stream = client.listSubjects(wire, metadata, call)
        stream.on('data', ({ subjects }: ListSubjectsResponse) => {
          for (const { subject } of subjects) found.push(fromWireSubject(subject))
        })
        stream.on('error', (error: ServiceError) => done(error, found))
        stream.on('end', () => done(null, found))
      })
    },

    async nearby({ tenant, objectType, objectId, relation }, scope) {
      const wire = lookup(tenant, objectType, objectId, relation, scope)
      const { tree } = await makeCall<ExpandResponse>(scope.deadline, true, (metadata, call, done) =>
        client.expand(wire, metadata, call, done),
      )
      if (tree === undefined) throw new NexusError('INTERNAL', 'The permission service sent no tree.')
      return fromWireTree(tree)
    },

    async explain(question, scope, maxDepth) {
      const { tenant, objectType, objectId, relation, subject, alsoAs, resolveInheritance } = question
      const check = {
        ...lookup(tenant, objectType, objectId, relation, scope),
        subject: toWireSubject(subject),
        alsoAs: alsoAs.map(toWireSubject),
        resolveInheritance,
        limits: { maxDepth, nodeBudget: 0 },
      }
      const { root } = await makeCall<ExplainResponse>(scope.deadline, true, (metadata, call, done) =>
        client.explain({ check }, metadata, call, done),
      )
      if (root === undefined) throw new NexusError('INTERNAL', 'The permission service sent no explanation.')
      return fromWireExplanation(root)
    },

    async incomingShares({ tenant, subject, deadline }) {
      const found: { readonly tenant: string; readonly row: RelationshipRow }[] = []
      let cursor = ''
      do {
        const wire = { tenant, subject: { ...subject }, pageSize: PAGE_SIZE, cursor }
        const page = await makeCall<ListIncomingSharesResponse>(deadline, true, (metadata, call, done) =>
          client.listIncomingShares(wire, metadata, call, done),
        )
        for (const { tenant: owner, relationship } of page.shares) {
          if (relationship === undefined) throw new NexusError('INTERNAL', 'The permission service sent no share.')
          found.push({ tenant: owner, row: fromWireRelationship(relationship) })
        }
        cursor = page.nextCursor
      } while (cursor !== '')
      return found
    },

    async readSchema(tenant, deadline) {
      const wire = { tenant, schemaVersion: '', consistency: undefined }
      const schema = await makeCall<ReadSchemaResponse>(deadline, true, (metadata, call, done) =>
        client.readSchema(wire, metadata, call, done),
      )
      return fromWireSchema(schema)
    },

    async writeSchema({ tenant, schema, expectedVersion, deadline }) {
      const { format, model, hierarchies } = schema
      const wire = {
        tenant,
        format: toWireFormat(format),
        model,
        hierarchies: hierarchies.map((one) => ({ ...one })),
        force: false,
        expectedSchemaVersion: expectedVersion,
      }
      return await makeCall<WriteSchemaResponse>(deadline, false, (metadata, call, done) =>
        client.writeSchema(wire, metadata, call, done),
      )
    },
  }
}

function lookup(tenant: string, objectType: string, objectId: string, relation: string, scope: PermissionScope) {
  return {
    tenant,
    object: { type: objectType, id: objectId },
    relation,
    context: contextOf(scope),
    contextualRelationships: [],
    consistency: consistencyOf(tenant, scope),
    schemaVersion: '',
    limits: undefined,
  }
}

/** Without a token: everything that was acknowledged before. */
function consistencyOf(tenant: string, { atLeastAsFresh }: PermissionScope): Consistency | undefined {
  const token = atLeastAsFresh?.get(tenant)
  return token === undefined ? undefined : { requirement: { $case: 'atLeastAsFresh', value: token } }
}
