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
  if (passedOn === null || passedOn.derived === null) return null
  const directHolds = plan.direct.every(
    (direct, relation) => direct === undefined || passedOn.direct[relation] !== undefined,
  )
  const fromHolds = plan.from.every((from, relation) => {
    const other = passedOn.from[relation]
    return from === undefined || (other !== undefined && from.targets.every((target) => other.targets.includes(target)))
  })
  const islandsHold = plan.islands.every((island) => passedOn.islands.includes(island))
  return directHolds && fromHolds && islandsHold ? passedOn : null
}
