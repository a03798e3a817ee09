import type { RelationshipRow } from '../permissions/contract.ts'
import type { ExplainedStep } from '../permissions/insight.ts'

/** A step of an explanation as clients know it (nexus-api.md 4.8). */
export interface PathNode {
  readonly subject: string
  readonly permission: string
  readonly object: string
  readonly depth: number
  readonly granted: boolean
  /** Of a permission: the relations that it means. */
  readonly expanded_to?: readonly string[]
  readonly union?: readonly string[]
  readonly via_union_member?: string
  readonly via_userset?: string
  readonly tupleToUserset?: {
    readonly tupleset: string | null
    readonly computedUserset: string | null
    readonly found_parents: readonly (readonly [type: string, id: string])[]
  }
  readonly direct_relation?: string
  readonly tuple?: object
  readonly note?: string
  readonly sub_paths?: readonly PathNode[]
}

type PresentRow = (row: RelationshipRow) => object

/** A step with all that it rests on. */
export function presentStep(step: ExplainedStep, presentRow: PresentRow, depth = 0): PathNode {
  const { relationship, children } = step
  const base = {
    subject: subjectText(step),
    permission: step.relation,
    object: `${step.objectType}:${step.objectId}`,
    depth,
    granted: step.outcome === 'true',
    ...(step.message === '' ? {} : { note: step.message }),
    ...(relationship === null ? {} : { tuple: presentRow(relationship) }),
  }
  const below = (steps: readonly ExplainedStep[]) =>
    steps.length === 0 ? {} : { sub_paths: steps.map((one) => presentStep(one, presentRow, depth + 1)) }
  if (step.step === 'userset' && relationship !== null) {
    const { type, id, relation } = relationship.subject
    return { ...base, via_userset: `${type}:${id}#${relation}`, ...below(children) }
  }
  if (step.step === 'direct') return { ...base, direct_relation: step.relation, ...below(children) }
  const [only] = children
  if (children.length === 1 && only?.step === 'union') {
    const members = only.children.map(memberName)
    const granting = only.children.findIndex(({ outcome }) => outcome === 'true')
    return {
      ...base,
      ...(depth === 0 ? { expanded_to: members } : { union: members }),
      ...(granting < 0 ? {} : { via_union_member: members[granting] }),
      ...below(only.children),
    }
  }
  if (children.length === 1 && only?.step === 'from') return { ...base, ...followed(only), ...below(behind(only)) }
  if (step.step === 'from') return { ...base, ...followed(step), ...below(behind(step)) }
  return { ...base, ...below(children) }
}

/** `x from y`: the objects that were followed, and what was looked up there. */
function followed(from: ExplainedStep) {
  const steps = from.children.filter(({ step }) => step === 'from')
  const parents = steps.map((one): readonly [string, string] => {
    const parent = one.relationship?.subject ?? one.children[0]
    if (parent === undefined) return ['', '']
    return 'objectId' in parent ? [parent.objectType, parent.objectId] : [parent.type, parent.id]
  })
  return {
    tupleToUserset: {
      tupleset: steps[0]?.relation ?? null,
      computedUserset: steps.flatMap(({ children }) => children)[0]?.relation ?? null,
      found_parents: parents,
    },
  }
}

function behind(from: ExplainedStep): readonly ExplainedStep[] {
  return from.children.flatMap((one) => (one.step === 'from' && one.children.length > 0 ? one.children : [one]))
}

/** Of what a union joins, the name of one. */
function memberName(step: ExplainedStep): string {
  return step.relation
}

function subjectText({ subject: { tenant, type, id, relation } }: ExplainedStep): string {
  const name = tenant === '' ? `${type}:${id}` : `${type}:tenant:${tenant}/${id}`
  return relation === '' ? name : `${name}#${relation}`
}
