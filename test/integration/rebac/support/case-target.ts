import type { ServiceError } from '@grpc/grpc-js'
import {
  ExpandRequest,
  ExplainRequest,
  type ExplainNode,
  ListObjectsRequest,
  type ListObjectsResponse,
  ListPermissionsRequest,
  ListSubjectsRequest,
  type ListSubjectsResponse,
  type UsersetTree,
} from '../../../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { CheckRequest } from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import type {
  Relationship as WireRelationship,
  Subject as WireSubject,
} from '../../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import type { Relationship, RelationshipKey, Subject } from '../../../../services/rebac/model/relationship.ts'
import { type Case, CASE_NOW, readQuestion, readRelationship, readSubject } from '../../../support/naive/case-file.ts'
import {
  type CaseExplanation,
  type CaseTree,
  writeListed,
  writeSteps,
  writeTree,
} from '../../../support/naive/case-texts.ts'
import { type CaseTarget, Refusal } from '../../../support/naive/run-case.ts'
import { isServiceError, type TestClient } from './client.ts'
import { message } from './wire.ts'

const HOUR_MS = 3_600_000
const ALLOWED = 2

/** Answers a case with a running service, whose clock is the real one. */
export class CaseTargetOverGrpc implements CaseTarget {
  readonly #client: TestClient
  readonly #tenant: string
  readonly #request: Pick<CheckRequest, 'tenant' | 'context' | 'contextualRelationships' | 'limits'>

  constructor(client: TestClient, tenant: string, { contextual = [], context, maxDepth = 0 }: Case) {
    this.#client = client
    this.#tenant = tenant
    this.#request = {
      tenant,
      context,
      contextualRelationships: contextual.map((text) => wireRelationship(readRelationship(text))),
      limits: { maxDepth, nodeBudget: 0 },
    }
  }

  async check(text: string): Promise<boolean> {
    const { decision } = await refusing(this.#client.check(this.#check(text)))
    return decision === ALLOWED
  }

  async store(text: string): Promise<void> {
    await this.touch([readRelationship(text)])
  }

  async touch(relationships: readonly Relationship[]): Promise<void> {
    if (relationships.length === 0) return
    const operations = relationships.map((one) => ({
      operation: { $case: 'touch' as const, value: wireRelationship(one) },
    }))
    await refusing(this.#client.write({ tenant: this.#tenant, operations }))
  }

  async objects(text: string): Promise<readonly string[]> {
    const { objectType, relation, subject } = readQuestion(text.replace('#', ':#'))
    const asked = { ...this.#request, objectType, relation, subject: wireSubject(subject) }
    const { raw, metadata } = this.#client
    const found = await collected<ListObjectsResponse>(raw.listObjects(message(ListObjectsRequest, asked), metadata))
    return found.flatMap(({ objects }) =>
      objects.map(({ id, coversSubtree }) => (coversSubtree ? `${id} and below` : id)),
    )
  }

  async subjects(text: string): Promise<readonly string[]> {
    const [, question = '', subjectType = '', subjectRelation = ''] = /^(.*)@([^#]*)(?:#(.*))?$/.exec(text) ?? []
    const { objectType, objectId, relation } = readQuestion(`${question}@x:x`)
    const object = { type: objectType, id: objectId }
    const asked = { ...this.#request, object, relation, subjectType, subjectRelation }
    const { raw, metadata } = this.#client
    const found = await collected<ListSubjectsResponse>(raw.listSubjects(message(ListSubjectsRequest, asked), metadata))
    return found.flatMap(({ subjects }) =>
      subjects.map(({ subject, excluded }) =>
        writeListed({ subject: plainSubject(subject), excluded: excluded.map(plainSubject) }),
      ),
    )
  }

  async permissions(text: string): Promise<readonly string[]> {
    const [, type = '', id = '', subject = ''] = /^([^:]*):(.*)@([^@]*)$/.exec(text) ?? []
    const asked = { ...this.#request, object: { type, id }, subject: wireSubject(readSubject(subject)) }
    return (await refusing(this.#client.listPermissions(message(ListPermissionsRequest, asked)))).relations
  }

  async expand(text: string): Promise<string> {
    const { objectType: type, objectId: id, relation } = readQuestion(`${text}@x:x`)
    const asked = { ...this.#request, object: { type, id }, relation }
    const { tree } = await refusing(this.#client.expand(message(ExpandRequest, asked)))
    return tree === undefined ? '' : writeTree(plainTree(tree))
  }

  async explain(text: string): Promise<{ outcome: string; steps: readonly string[] }> {
    const { root } = await refusing(this.#client.explain(message(ExplainRequest, { check: this.#check(text) })))
    if (root === undefined) return { outcome: '', steps: [] }
    const explanation = plainExplanation(root)
    return { outcome: explanation.outcome, steps: writeSteps(explanation) }
  }

  #check(text: string): CheckRequest {
    const { objectType: type, objectId: id, relation, subject } = readQuestion(text)
    return message(CheckRequest, { ...this.#request, object: { type, id }, relation, subject: wireSubject(subject) })
  }
}

function wireSubject({ tenant, type, id, relation }: Subject): WireSubject {
  if (relation !== '') return { tenant, kind: { $case: 'userset', value: { type, id, relation } } }
  if (id !== '*') return { tenant, kind: { $case: 'object', value: { type, id } } }
  return { tenant, kind: type === '*' ? { $case: 'any', value: {} } : { $case: 'wildcard', value: { type } } }
}

function plainSubject(subject: WireSubject | undefined): Subject {
  const { tenant = '', kind } = subject ?? {}
  if (kind === undefined || kind.$case === 'any') return { tenant, type: '*', id: '*', relation: '' }
  if (kind.$case === 'wildcard') return { tenant, type: kind.value.type, id: '*', relation: '' }
  return {
    tenant,
    type: kind.value.type,
    id: kind.value.id,
    relation: 'relation' in kind.value ? kind.value.relation : '',
  }
}

/** Cases have a clock of their own; what is not expired there lasts an hour longer here, against the edges. */
function wireRelationship(one: Relationship): WireRelationship {
  const { subjectTenant: tenant, subjectType: type, subjectId: id, subjectRelation: relation, expiresAt } = one
  const lasts = expiresAt === null ? null : expiresAt - CASE_NOW + (expiresAt > CASE_NOW ? HOUR_MS : -HOUR_MS)
  return {
    id: '',
    object: { type: one.objectType, id: one.objectId },
    relation: one.relation,
    subject: wireSubject({ tenant, type, id, relation }),
    condition:
      one.conditionName === '' ? undefined : { name: one.conditionName, context: one.conditionContext ?? undefined },
    expiresAt: lasts === null ? undefined : new Date(Date.now() + lasts),
    createdAt: undefined,
    attributes: undefined,
  }
}

function plainKey({ object, relation, subject }: WireRelationship): RelationshipKey {
  const { tenant, type, id, relation: subjectRelation } = plainSubject(subject)
  return {
    objectType: object?.type ?? '',
    objectId: object?.id ?? '',
    relation,
    subjectTenant: tenant,
    subjectType: type,
    subjectId: id,
    subjectRelation,
  }
}

const OPERATIONS: readonly CaseTree['operation'][] = [
  'unexpanded',
  'leaf',
  'union',
  'intersection',
  'exclusion',
  'from',
]

function plainTree({ operation, object, relation, children, relationships, derived }: UsersetTree): CaseTree {
  return {
    operation: OPERATIONS.at(operation) ?? 'leaf',
    objectType: object?.type ?? '',
    objectId: object?.id ?? '',
    relation,
    derived,
    children: children.map(plainTree),
    relationships: relationships.map(plainKey),
  }
}

const OUTCOMES: readonly CaseExplanation['outcome'][] = ['false', 'false', 'true', 'cycle', 'error']

function plainExplanation(node: ExplainNode): CaseExplanation {
  return {
    outcome: OUTCOMES.at(node.outcome) ?? 'false',
    objectType: node.object?.type ?? '',
    objectId: node.object?.id ?? '',
    relation: node.relation,
    derived: node.derived,
    expired: node.expired,
    conditionFailed: node.conditionFailed,
    relationship: node.relationship === undefined ? null : plainKey(node.relationship),
    children: node.children.map(plainExplanation),
  }
}

async function collected<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const read = async (): Promise<readonly T[]> => {
    const messages: T[] = []
    for await (const one of stream) messages.push(one)
    return messages
  }
  return refusing(read())
}

async function refusing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (isServiceError(error)) throw new Refusal(reasonOf(error))
    throw error
  }
}

function reasonOf(error: ServiceError): string {
  return String(error.metadata.get('nexus-reason')[0] ?? `gRPC ${error.code}: ${error.details}`)
}
