import { PairTable } from '../graph/pair-table.ts'
import type { Value } from './values.ts'

const VALUE = 2
const STRIDE = 3

/** Values of (node, plan), kept for all questions of a request about one subject. */
export class Memo {
  readonly #table = new PairTable(STRIDE)

  /** undefined if it is not known. */
  get(node: number, plan: number): Value | undefined {
    const id = this.#table.find(node, plan)
    return id === 0 ? undefined : (this.#table.words[id * STRIDE + VALUE] as Value)
  }

  set(node: number, plan: number, value: Value): void {
    const id = this.#table.find(node, plan) || this.#table.add(node, plan)
    this.#table.words[id * STRIDE + VALUE] = value
  }
}
