import { NexusError } from '../../common/errors/nexus-error.ts'
import type { AskedSubject } from './asked-subject.ts'
import type { DirectRelation } from './direct-relation.ts'
import { subjectIsDerivedParent } from './derived.ts'
import type { EdgeJudge } from './edge-judge.ts'
import { DIRECT, Frame, FROM, ISLANDS, USERSETS } from './frame.ts'
import type { NodeSpace } from './node-space.ts'
import type { ExclusionPlan, IntersectionPlan, Plan, Plans, RelationPlan, UnionPlan } from './plan.ts'
import { intersectionValue, unionValue, UnitValues } from './unit-values.ts'
import { CYCLE, ERROR, FALSE, TRUE, type Value } from './values.ts'
import type { WorkLimit } from './work-limit.ts'

/** A frame was pushed; its value comes later. */
const PUSHED = -1
type Step = Value | typeof PUSHED

export interface MachineSetup {
  readonly plans: Plans
  readonly nodes: NodeSpace
  readonly judge: EdgeJudge
  readonly limit: WorkLimit
  /** 0: no limit. */
  readonly maxDepth: number
  /** Check evaluates the condition of a relationship before it follows it; lists do so last. */
  readonly conditionsLast: boolean
}

/**
 * The exact evaluator, for one subject: four values, cycles, and an own stack, so that no chain is too long for it.
 * Values are kept from one evaluation to the next.
 */
export class Machine {
  readonly #setup: MachineSetup
  readonly #asked: AskedSubject
  readonly #values = new UnitValues()
  readonly #frames: Frame[] = []
  #top = -1
  #units = 0
  // Beside the value of a step: what it depends on, and its error.
  #low = Infinity
  #error: NexusError | null = null

  constructor(setup: MachineSetup, asked: AskedSubject) {
    this.#setup = setup
    this.#asked = asked
  }

  /** The error of an evaluation that was ERROR. */
  get error(): NexusError {
    return this.#error ?? new NexusError('INTERNAL', 'An evaluation failed without an error.')
  }

  /** The value of a relation. @throws NexusError NODE_BUDGET_EXCEEDED, DEADLINE_EXCEEDED */
  evaluate(node: number, unit: RelationPlan): Value {
    return this.#run(() => this.#enter(node, unit))
  }

  /** The value of an intersection or exclusion of a relation. */
  evaluatePlan(node: number, plan: Plan): Value {
    return this.#run(() => this.#enterPlan(node, plan))
  }

  #run(begin: () => Step): Value {
    try {
      let step = begin()
      while (this.#top >= 0) {
        const frame = this.#frames[this.#top]!
        const returned = step === PUSHED ? null : step
        step = this.#advance(frame, returned)
        if (step !== PUSHED) this.#pop(frame, step)
      }
      if (step === PUSHED) throw new NexusError('INTERNAL', 'An evaluation ended without a value.')
      return step
    } finally {
      // What depended on the depth, or was cut short by a limit, must not be remembered.
      this.#values.reset()
      this.#top = -1
      this.#units = 0
    }
  }

  #enter(node: number, unit: RelationPlan): Step {
    this.#setup.limit.spend()
    this.#low = Infinity
    if (this.#isMember(node, unit.plan)) return TRUE
    const known = this.#values.final(node, unit)
    if (known !== undefined) {
      if (known === ERROR) this.#error = this.#values.finalError(node, unit)
      return known
    }
    const provisional = this.#values.provisional(node, unit)
    if (provisional !== null) {
      this.#low = provisional.low
      this.#error = provisional.error
      return provisional.value
    }
    const frame = this.#values.frameOf(node, unit)
    if (frame >= 0) {
      this.#low = frame
      return CYCLE
    }
    if (this.#setup.maxDepth > 0 && this.#units > this.#setup.maxDepth) {
      this.#low = -1
      this.#error = depthExceeded(this.#setup.maxDepth)
      return ERROR
    }
    this.#push(node, unit.plan, unit)
    this.#values.begin(node, unit, this.#top)
    this.#units++
    return PUSHED
  }

  /** A userset is a member of itself. */
  #isMember(node: number, plan: UnionPlan): boolean {
    const { usersetNode, usersetRelation } = this.#asked
    return usersetNode === node && usersetNode !== 0 && plan.names.includes(usersetRelation)
  }

  #enterPlan(node: number, plan: Plan): Step {
    if (plan.kind === 'reference') return this.#enterRelation(node, plan.relation)
    if (plan.kind === 'union' && this.#isMember(node, plan)) return TRUE
    this.#push(node, plan, null)
    return PUSHED
  }

  #enterRelation(node: number, relation: number): Step {
    const unit = this.#setup.plans.relation(this.#setup.nodes.kind(node), relation)
    if (unit !== null) return this.#enter(node, unit)
    this.#low = Infinity
    return FALSE
  }

  #push(node: number, plan: Plan, unit: RelationPlan | null): void {
    this.#top++
    const frame = this.#frames[this.#top]
    const { provisionalCount } = this.#values
    if (frame === undefined) this.#frames.push(new Frame(node, plan, unit, provisionalCount))
    else frame.begin(node, plan, unit, provisionalCount)
  }

  #pop(frame: Frame, value: Value): void {
    this.#error = value === ERROR ? frame.error : null
    this.#low = frame.low
    if (frame.unit !== null) {
      this.#units--
      const { error, low, provisionalStart } = frame
      this.#low = this.#values.end(frame.node, frame.unit, this.#top, { value, error, low, provisionalStart })
    }
    this.#top--
  }

  #advance(frame: Frame, returned: Value | null): Step {
    switch (frame.plan.kind) {
      case 'union':
        return this.#advanceUnion(frame, frame.plan, returned)
      case 'intersection':
        return this.#advanceIntersection(frame, frame.plan, returned)
      case 'exclusion':
        return this.#advanceExclusion(frame, frame.plan, returned)
      case 'reference':
        throw new NexusError('INTERNAL', 'A reference has no frame of its own.')
    }
  }

  #advanceIntersection(frame: Frame, plan: IntersectionPlan, returned: Value | null): Step {
    for (let value = returned; ; ) {
      if (value === FALSE) return FALSE
      if (value !== null) this.#absorb(frame, value)
      const child = plan.children[frame.index++]
      if (child === undefined) return intersectionValue(frame.error, frame.sawCycle)
      const step = this.#enterPlan(frame.node, child)
      if (step === PUSHED) return PUSHED
      value = step
    }
  }

  #advanceExclusion(frame: Frame, plan: ExclusionPlan, returned: Value | null): Step {
    let value = returned
    for (;;) {
      if (value !== null && frame.index === 1) {
        this.#absorb(frame, value)
        if (value === FALSE || value === CYCLE) return value
      } else if (value !== null) {
        const baseFailed = frame.error !== null
        this.#absorb(frame, value)
        if (value === TRUE) return FALSE
        if (value === CYCLE) return CYCLE
        return baseFailed || value === ERROR ? ERROR : TRUE
      }
      const step = this.#enterPlan(frame.node, frame.index++ === 0 ? plan.base : plan.subtract)
      if (step === PUSHED) return PUSHED
      value = step
    }
  }

  #advanceUnion(frame: Frame, plan: UnionPlan, returned: Value | null): Step {
    if (returned !== null && this.#follow(frame, returned, frame.pendingEdge) === TRUE) return TRUE
    for (;;) {
      let step: Step
      switch (frame.phase) {
        case DIRECT:
          step = this.#direct(frame, plan)
          break
        case USERSETS:
          step = this.#usersets(frame, plan)
          break
        case FROM:
          step = this.#from(frame, plan)
          break
        case ISLANDS:
          step = this.#islands(frame, plan)
          break
        default:
          return unionValue(frame.error, frame.sawCycle)
      }
      if (step === TRUE || step === PUSHED) return step
      frame.nextPhase()
    }
  }

  /** Relationships that name the subject itself, its type's wildcard or any subject. */
  #direct(frame: Frame, plan: UnionPlan): Step {
    const { nodes, judge } = this.#setup
    for (const direct of plan.direct) {
      if (direct.hierarchy !== null && subjectIsDerivedParent(nodes, frame.node, direct.hierarchy, this.#asked))
        return TRUE
      const slot = nodes.findSlot(frame.node, direct.relation)
      if (slot === 0) continue
      for (const subject of this.#asked.slots) {
        const edge = nodes.graph.findEdge(slot, subject)
        if (edge === 0 || !judge.admits(direct, edge)) continue
        if (this.#condition(frame, edge) === TRUE) return TRUE
      }
    }
    return FALSE
  }

  #usersets(frame: Frame, plan: UnionPlan): Step {
    const { graph } = this.#setup.nodes
    for (let direct = plan.direct[frame.index]; direct !== undefined; direct = plan.direct[frame.index]) {
      if (frame.cursor < 0) {
        const slot = this.#setup.nodes.findSlot(frame.node, direct.relation)
        frame.cursor = graph.firstUsersetEdge(slot)
      }
      while (frame.cursor !== 0) {
        const edge = frame.cursor
        frame.cursor = graph.nextForward(edge)
        const slot = graph.edgeSubject(edge)
        const step = this.#edge(frame, direct, edge, graph.slotNode(slot), graph.slotRelation(slot))
        if (step === TRUE || step === PUSHED) return step
      }
      frame.nextIndex()
    }
    return FALSE
  }

  #from(frame: Frame, plan: UnionPlan): Step {
    const { nodes } = this.#setup
    const { graph } = nodes
    for (let from = plan.from[frame.index]; from !== undefined; from = plan.from[frame.index]) {
      const { tupleset, target } = from
      if (frame.cursor < 0) {
        const slot = nodes.findSlot(frame.node, tupleset.relation)
        frame.cursor = graph.firstObjectEdge(slot)
        const parent = tupleset.hierarchy === null ? 0 : nodes.parent(frame.node, tupleset.hierarchy)
        if (parent !== 0) {
          frame.pendingEdge = 0
          const step = this.#enterRelation(parent, target)
          if (step === PUSHED || this.#follow(frame, step, 0) === TRUE) return step
        }
      }
      while (frame.cursor !== 0) {
        const edge = frame.cursor
        frame.cursor = graph.nextForward(edge)
        const node = graph.slotNode(graph.edgeSubject(edge))
        const kind = graph.nodeKind(node)
        if (kind.wildcard || kind.tenant !== '') continue
        const step = this.#edge(frame, tupleset, edge, node, target)
        if (step === TRUE || step === PUSHED) return step
      }
      frame.nextIndex()
    }
    return FALSE
  }

  #islands(frame: Frame, plan: UnionPlan): Step {
    const island = plan.islands[frame.index]
    if (island === undefined) return FALSE
    frame.nextIndex()
    frame.pendingEdge = 0
    this.#push(frame.node, island, null)
    return PUSHED
  }

  /** Follows one relationship to a relation of its subject. */
  #edge(frame: Frame, direct: DirectRelation, edge: number, node: number, relation: number): Step {
    const { judge, limit, conditionsLast } = this.#setup
    limit.spend()
    if (!judge.admits(direct, edge)) return FALSE
    if (!conditionsLast && this.#condition(frame, edge) !== TRUE) return FALSE
    frame.pendingEdge = conditionsLast ? edge : 0
    const step = this.#enterRelation(node, relation)
    return step === PUSHED ? PUSHED : this.#follow(frame, step, frame.pendingEdge)
  }

  /** Adds the value of a member to a union; TRUE if that decides it. */
  #follow(frame: Frame, value: Value, pendingEdge: number): Value {
    if (value === FALSE) return FALSE
    if (pendingEdge !== 0) {
      const condition = this.#condition(frame, pendingEdge)
      if (condition !== TRUE) return FALSE
    }
    if (value === TRUE) return TRUE
    this.#absorb(frame, value)
    return FALSE
  }

  /** The condition of a relationship; an error stays with the frame. */
  #condition(frame: Frame, edge: number): Value {
    const value = this.#setup.judge.condition(edge)
    if (value === ERROR) frame.error ??= this.#setup.judge.error(edge)
    return value
  }

  #absorb(frame: Frame, value: Value): void {
    if (value === CYCLE) frame.sawCycle = true
    else if (value === ERROR) frame.error ??= this.error
    if (value === CYCLE || value === ERROR) frame.low = Math.min(frame.low, this.#low)
  }
}

/** The error of a chain that is longer than it may be. */
export function depthExceeded(maxDepth: number): NexusError {
  return new NexusError('DEPTH_EXCEEDED', `The evaluation went deeper than max_depth, ${maxDepth}.`)
}
