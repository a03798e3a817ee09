import type { NexusError } from '../../common/errors/nexus-error.ts'
import { PairTable } from '../graph/pair-table.ts'
import { Memo } from './memo.ts'
import type { RelationPlan } from './plan.ts'
import { CYCLE, ERROR, FALSE, TRUE, type Value } from './values.ts'

const WORD = 2
const STRIDE = 3

interface Provisional {
  readonly node: number
  readonly plan: number
  readonly value: Value
  readonly error: NexusError | null
  /** The lowest frame that it hangs on. */
  low: number
  /** What stands between here and itself was found on the way to it, and so hangs on nothing above its `low`. */
  readonly start: number
}

/**
 * What is known of (object, relation) while one subject is evaluated.
 *
 * TRUE and FALSE are final however they were found: a cut-off branch counts as CYCLE, the least informed value, and all
 * operators are monotone, so more information could not change them. CYCLE and ERROR that depend on an unfinished
 * ancestor are *provisional*: they stand in for that node only while the ancestor is unfinished, and are forgotten if it
 * turns out TRUE or FALSE. When an ancestor ends as CYCLE by nothing but its own descendants, they all become final.
 * Without provisional values, densely linked groups would be walked once for each path through them.
 */
export class UnitValues {
  readonly #final = new Memo()
  readonly #errors = new Map<string, NexusError | null>()
  #path = new PairTable(STRIDE)
  readonly #provisionalAt = new PairTable(STRIDE)
  readonly #provisional: Provisional[] = []

  final(node: number, unit: RelationPlan): Value | undefined {
    return this.#final.get(node, unit.number)
  }

  finalError(node: number, unit: RelationPlan): NexusError | null {
    return this.#errors.get(`${node} ${unit.number}`) ?? null
  }

  provisional(node: number, unit: RelationPlan): Provisional | null {
    const id = this.#provisionalAt.find(node, unit.number)
    return id === 0 ? null : this.#provisional[this.#provisionalAt.words[id * STRIDE + WORD]!]!
  }

  get provisionalCount(): number {
    return this.#provisional.length
  }

  /** The frame that evaluates this; -1 if none does. */
  frameOf(node: number, unit: RelationPlan): number {
    const id = this.#path.find(node, unit.number)
    return id === 0 ? -1 : this.#path.words[id * STRIDE + WORD]!
  }

  begin(node: number, unit: RelationPlan, frame: number): void {
    const id = this.#path.add(node, unit.number)
    this.#path.words[id * STRIDE + WORD] = frame
  }

  /** Ends the evaluation of a unit; returns what its value depends on: Infinity if it is final. */
  end(
    node: number,
    unit: RelationPlan,
    frame: number,
    outcome: { value: Value; error: NexusError | null; low: number; provisionalStart: number },
  ): number {
    this.#path.remove(this.#path.find(node, unit.number))
    const { value, error, low, provisionalStart } = outcome
    if (value === TRUE || value === FALSE) {
      this.#forget(provisionalStart)
      this.#final.set(node, unit.number, value)
      return Infinity
    }
    if (low >= frame) {
      // Values below took this one for a cycle; if it became an error they may be errors too.
      if (value === CYCLE) this.#settle(provisionalStart, frame)
      else this.#forget(provisionalStart)
      this.#finish(node, unit.number, value, error)
      return Infinity
    }
    this.#lower(provisionalStart, low)
    this.#keep({ node, plan: unit.number, value, error, low, start: provisionalStart })
    return low
  }

  /** Forgets everything unfinished. */
  reset(): void {
    this.#forget(0)
    if (this.#path.count > 0) this.#path = new PairTable(STRIDE)
  }

  /** What hangs on nothing below the frame becomes final. What hangs on more was of no consequence for the frame. */
  #settle(start: number, frame: number): void {
    const entries = this.#provisional.slice(start)
    this.#forget(start)
    for (const entry of entries) {
      if (entry.low >= frame) this.#finish(entry.node, entry.plan, entry.value, entry.error)
      else this.#keep({ ...entry, start: this.#provisional.length })
    }
  }

  /** What was found on the way to a provisional value hangs on what it hangs on. */
  #lower(start: number, low: number): void {
    for (let at = this.#provisional.length - 1; at >= start; ) {
      const entry = this.#provisional[at]!
      if (entry.low <= low) {
        at = entry.start - 1
      } else {
        entry.low = low
        at--
      }
    }
  }

  #keep(entry: Provisional): void {
    const id = this.#provisionalAt.add(entry.node, entry.plan)
    this.#provisionalAt.words[id * STRIDE + WORD] = this.#provisional.length
    this.#provisional.push(entry)
  }

  #finish(node: number, plan: number, value: Value, error: NexusError | null): void {
    this.#final.set(node, plan, value)
    if (value === ERROR) this.#errors.set(`${node} ${plan}`, error)
  }

  #forget(start: number): void {
    while (this.#provisional.length > start) {
      const { node, plan } = this.#provisional.pop()!
      this.#provisionalAt.remove(this.#provisionalAt.find(node, plan))
    }
  }
}

/** The value of a union or intersection whose operands left it open. */
export function unionValue(error: NexusError | null, sawCycle: boolean): Value {
  return error !== null ? ERROR : sawCycle ? CYCLE : FALSE
}

/** An intersection without a FALSE: a cycle outweighs an error. */
export function intersectionValue(error: NexusError | null, sawCycle: boolean): Value {
  return sawCycle ? CYCLE : error !== null ? ERROR : TRUE
}
