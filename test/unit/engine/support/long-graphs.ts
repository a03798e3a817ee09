import { NexusError } from '../../../../services/common/errors/nexus-error.ts'
import { type EvaluationOptions, Evaluator } from '../../../../services/rebac/engine/evaluator.ts'
import { TenantGraph } from '../../../../services/rebac/graph/tenant-graph.ts'
import { compileSchema } from '../../../../services/rebac/schema/compile-schema.ts'
import type { Schema } from '../../../../services/rebac/schema/schema.ts'
import { readQuestion, readRelationship } from '../../../support/naive/case-file.ts'

export const schema = compileSchema(
  {
    format: 'dsl',
    hierarchies: [],
    model: `model
  schema 1.1
type user
type node
  relations
    define parent: [node]
    define member: [user, node#member]
    define viewer: [user] or viewer from parent
    define banned: [user]
    define reader: ([user] or reader from parent) but not banned
    define linked: ([user, node#linked]) and (member or viewer)
    define knot: [user, node#knot] but not banned
`,
  },
  'limits',
)

export const CHAIN = 100_000
export const options: EvaluationOptions = {
  now: 0,
  context: {},
  contextual: [],
  maxDepth: 0,
  nodeBudget: 0,
  deadline: Infinity,
}

export function graphOf(relationships: readonly string[]): TenantGraph {
  const graph = new TenantGraph()
  graph.load(relationships.map(readRelationship))
  return graph
}

export function check(
  graph: TenantGraph,
  question: string,
  changed: Partial<EvaluationOptions> = {},
  on: Schema = schema,
): boolean {
  const { subject, ...rest } = readQuestion(question)
  return new Evaluator(on, graph, { ...options, ...changed }).check({ ...rest, subjects: [subject] })
}

export function reasonOf(action: () => unknown): string {
  try {
    return String(action())
  } catch (error) {
    if (error instanceof NexusError) return error.reason
    throw error
  }
}

export function chain(relation: string, suffix: string, length = CHAIN): string[] {
  return Array.from({ length }, (_, index) => `node:${index}#${relation}@node:${index + 1}${suffix}`)
}
