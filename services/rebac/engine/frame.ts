import type { NexusError } from '../../common/errors/nexus-error.ts'
import type { Plan, RelationPlan } from './plan.ts'

/** What of a union is looked at next, cheap things first. */
export const DIRECT = 0
export const USERSETS = 1
export const FROM = 2
export const ISLANDS = 3

/** One unfinished step of an evaluation. Frames are used again and again. */
export class Frame {
  node: number
  plan: Plan
  /** Set if this is the evaluation of a relation of an object, which can be on a cycle and has a memo. */
  unit: RelationPlan | null
  phase = DIRECT
  /** Which direct relation, from-step, island or operand is next. */
  index = 0
  /** The next edge of the list that is being followed; -1: the list was not begun. */
  cursor = -1
  /** The edge that was followed to the frame above, if its condition is still open; else 0. */
  pendingEdge = 0
  sawCycle = false
  error: NexusError | null = null
  /** The lowest frame that anything here was cut off at; -1 if it must not be remembered; Infinity: none. */
  low = Infinity
  /** How many provisional values there were when it began. */
  provisionalStart: number

  constructor(node: number, plan: Plan, unit: RelationPlan | null, provisionalStart: number) {
    this.node = node
    this.plan = plan
    this.unit = unit
    this.provisionalStart = provisionalStart
  }

  /** Makes it one that is new. */
  begin(node: number, plan: Plan, unit: RelationPlan | null, provisionalStart: number): void {
    this.node = node
    this.plan = plan
    this.unit = unit
    this.phase = DIRECT
    this.index = 0
    this.cursor = -1
    this.pendingEdge = 0
    this.sawCycle = false
    this.error = null
    this.low = Infinity
    this.provisionalStart = provisionalStart
  }

  nextPhase(): void {
    this.phase++
    this.index = 0
    this.cursor = -1
  }

  nextIndex(): void {
    this.index++
    this.cursor = -1
  }
}
