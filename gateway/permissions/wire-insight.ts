import { NexusError } from '../../services/common/errors/nexus-error.ts'
import {
  type ExplainNode,
  ExplainNode_Outcome as Outcome,
  type UsersetTree,
  UsersetTree_Operation as Operation,
} from '../../services/common/gen/nexus/rebac/v1/lookup.ts'
import { type ReadSchemaResponse, SchemaFormat as WireFormat } from '../../services/common/gen/nexus/rebac/v1/schema.ts'
import type { ExplainedStep, ObjectRelation, SchemaFormat, SchemaText, SubjectsNearby } from './insight.ts'
import type { PermissionSubject } from './contract.ts'
import { fromWireRelationship } from './wire-relationships.ts'
import { fromWireSubject } from './wire-subjects.ts'

const OUTCOMES = new Map<Outcome, ExplainedStep['outcome']>([
  [Outcome.OUTCOME_TRUE, 'true'],
  [Outcome.OUTCOME_CYCLE, 'cycle'],
  [Outcome.OUTCOME_ERROR, 'error'],
])

const FORMATS: Readonly<Record<SchemaFormat, WireFormat>> = {
  dsl: WireFormat.SCHEMA_FORMAT_DSL,
  json: WireFormat.SCHEMA_FORMAT_JSON,
  namespaces: WireFormat.SCHEMA_FORMAT_NAMESPACES,
}

/** An explanation from the wire; an outcome that is not known grants nothing. */
export function fromWireExplanation(node: ExplainNode): ExplainedStep {
  const { object, relation, step, relationship, derived, expired, conditionFailed, message } = node
  return {
    outcome: OUTCOMES.get(node.outcome) ?? 'false',
    objectType: object?.type ?? '',
    objectId: object?.id ?? '',
    relation,
    subject: fromWireSubject(node.subject),
    step,
    relationship: relationship === undefined ? null : fromWireRelationship(relationship),
    derived,
    expired,
    conditionFailed,
    message,
    children: node.children.map(fromWireExplanation),
  }
}

/** What a tree of subjects names. */
export function fromWireTree(tree: UsersetTree): SubjectsNearby {
  const subjects: PermissionSubject[] = []
  const followed: ObjectRelation[] = []
  const open = [tree]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { operation, object, relation, children, relationships } = node
    // An object that is followed is named, and not looked into.
    if (operation === Operation.OPERATION_UNSPECIFIED) {
      if (object !== undefined && relation !== '')
        followed.push({ objectType: object.type, objectId: object.id, relation })
      continue
    }
    for (const { subject } of relationships) subjects.push(fromWireSubject(subject))
    open.push(...children)
  }
  return { subjects, followed }
}

export function fromWireSchema({
  schemaVersion,
  format,
  model,
  hierarchies,
  createdAt,
}: ReadSchemaResponse): SchemaText {
  const known = (Object.keys(FORMATS) as SchemaFormat[]).find((name) => FORMATS[name] === format)
  if (known === undefined) throw new NexusError('INTERNAL', 'The permission service has a schema of an unknown format.')
  return { version: schemaVersion, format: known, model, hierarchies, createdAt: createdAt?.getTime() ?? null }
}

export function toWireFormat(format: SchemaFormat): WireFormat {
  return FORMATS[format]
}
