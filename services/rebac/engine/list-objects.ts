import type { NexusError } from '../../common/errors/nexus-error.ts'
import type { Subject } from '../model/relationship.ts'
import { Candidates } from './candidates.ts'
import { coversAllBelow, passedOnBelow } from './covers-subtree.ts'
import type { Evaluation } from './evaluation.ts'
import type { Steps } from './steps.ts'
import { ERROR, TRUE } from './values.ts'

/** How many candidates are looked at in one step, before they are checked one by one. */
const CANDIDATES_PER_STEP = 64

export interface ListObjectsQuestion {
  readonly objectType: string
  readonly relation: string
  /** An object is listed if any of them has the relation. */
  readonly subjects: readonly Subject[]
  /** Only ids that start with this. */
  readonly idPrefix: string
  /** Only ids after this, in the order of JavaScript's strings; '' from the start. */
  readonly afterId: string
  /** 0: no limit. */
  readonly limit: number
}

export interface ListedObject {
  readonly id: string
  /** On a hierarchical type: the relation holds for everything below as well. */
  readonly coversSubtree: boolean
}

/**
 * The objects on which any of the subjects has the relation, in the order of their ids: exactly those for which check is
 * true, among the ids that occur in relationships. Conditions are evaluated last, and only on paths from the subject.
 * In steps.
 * @throws NexusError as check does, if a candidate ends in an error
 */
export function* listObjects(evaluation: Evaluation, question: ListObjectsQuestion): Steps<readonly ListedObject[]> {
  const { nodes, graph } = evaluation
  const { objectType, relation: relationName, idPrefix, afterId, limit } = question
  evaluation.limit.restart()
  const kind = graph.kinds.find(objectType, '', false)
  const relation = graph.symbols.find(relationName)
  const plan = kind === null || relation < 0 ? null : evaluation.plans.reach.relation(kind, relation)
  if (kind === null || plan === null) return []

  /** Whether it is certain that they have the relation. */
  const candidates = new Map<number, boolean>()
  const usersets = new Map<number, number>()
  let seen = 0
  for (const subject of question.subjects) {
    const asked = evaluation.ask(subject)
    const { schema, judge, limit: work } = evaluation
    const walk = new Candidates({ schema, nodes, judge, limit: work, index: evaluation.plans.reverse }, kind, relation)
    usersets.set(asked.usersetNode, asked.usersetRelation)
    const found = yield* walk.collect(asked)
    // A limit of depth may be met on any way.
    const certain = evaluation.options.maxDepth > 0 ? 0 : found.certain
    for (const [index, node] of found.nodes.entries()) {
      if (++seen % CANDIDATES_PER_STEP === 0) yield
      if (candidates.get(node) === true) continue
      if (evaluation.occurs(node) || node === asked.usersetNode) candidates.set(node, index < certain)
    }
  }
  const wanted: { readonly node: number; readonly id: string; readonly isCertain: boolean }[] = []
  for (const [node, isCertain] of candidates) {
    if (++seen % CANDIDATES_PER_STEP === 0) yield
    const id = nodes.id(node)
    if (id > afterId && id.startsWith(idPrefix)) wanted.push({ node, id, isCertain })
  }
  wanted.sort((a, b) => (a.id < b.id ? -1 : 1))

  const passedOn = passedOnBelow(evaluation.plans, plan)
  const listed: ListedObject[] = []
  for (const { node, id, isCertain } of wanted) {
    if (limit > 0 && listed.length >= limit) break
    if (!isCertain || ++seen % CANDIDATES_PER_STEP === 0) yield
    if (!isCertain && !grants(evaluation, question.subjects, node, plan)) continue
    // A userset that is a member by being itself need not be one below.
    const itself = usersets.get(node)
    const covers = passedOn !== null && (itself === undefined || passedOn.names.has(itself))
    listed.push({ id, coversSubtree: covers })
  }
  return listed
}

/** Whether a list of such objects leaves nothing out that does not lie below a listed one which covers its subtree. */
export function listCoversAll(
  { graph, plans }: Pick<Evaluation, 'graph' | 'plans'>,
  { objectType, relation: relationName }: Pick<ListObjectsQuestion, 'objectType' | 'relation'>,
): boolean {
  const kind = graph.kinds.find(objectType, '', false)
  const relation = graph.symbols.find(relationName)
  const plan = kind === null || relation < 0 ? null : plans.reach.relation(kind, relation)
  return plan === null || coversAllBelow(plans, plan)
}

function grants(
  evaluation: Evaluation,
  subjects: readonly Subject[],
  node: number,
  plan: Parameters<ReturnType<Evaluation['listReach']>['search']>[1],
): boolean {
  let error: NexusError | null = null
  for (const subject of subjects) {
    const reach = evaluation.listReach(subject)
    const value = reach.search(node, plan)
    if (value === TRUE) return true
    if (value === ERROR) error ??= reach.error
  }
  if (error !== null) throw error
  return false
}
