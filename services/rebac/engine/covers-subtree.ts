import type { PlanCache } from './plan-cache.ts'
import type { ReachPlan } from './reach-plan.ts'

/**
 * What an object of a hierarchical type passes on to everything below it, if that is all that can grant the relation;
 * else null: the relation may hold here and not below. Intersections and exclusions below could take it away again, so
 * they pass on nothing.
 */
export function passedOnBelow(plans: PlanCache, plan: ReachPlan): ReachPlan | null {
  if (plan.derived === null) return null
  const passedOn = plans.reach.next(plan.derived, plan.kind)
  if (passedOn === null) return null
  // What is passed on must follow from the parent again, which is one of the steps that `from` holds.
  const directHolds = Object.keys(plan.direct).every((relation) => relation in passedOn.direct)
  const fromHolds = plan.from.every((from, relation) => {
    const below = new Set(passedOn.from[relation]?.targets)
    return (from?.targets ?? []).every((target) => below.has(target))
  })
  const islandsHold = plan.islands.every((island) => passedOn.islands.includes(island))
  return directHolds && fromHolds && islandsHold ? passedOn : null
}

/**
 * Whether everything on which the relation holds occurs in relationships or lies below something that does, on which the
 * relation holds too: then a list of the occurring objects leaves nothing out.
 */
export function coversAllBelow(plans: PlanCache, plan: ReachPlan): boolean {
  if (!plan.grantsWithoutRelationships) return true
  // What an intersection or exclusion denies above, it may grant below.
  if (plan.islands.length > 0 || plan.directHierarchy !== null) return false
  const passedOn = passedOnBelow(plans, plan)
  if (passedOn === null || passedOn.islands.length > 0) return false
  const directAbove = Object.keys(passedOn.direct).every((relation) => relation in plan.direct)
  const fromAbove = passedOn.from.every((from, relation) => {
    const here = new Set(plan.from[relation]?.targets)
    return (from?.targets ?? []).every((target) => here.has(target))
  })
  return directAbove && fromAbove
}

const known = new WeakMap<ReachPlan, boolean>()

/** Whether who has the relation on an object has it on everything below; not true of usersets. */
export function holdsBelow(plans: PlanCache, plan: ReachPlan): boolean {
  let holds = known.get(plan)
  if (holds === undefined) known.set(plan, (holds = passedOnBelow(plans, plan) !== null))
  return holds
}
