import type { Relationship } from '../model/relationship.ts'

/** Of relationships that come in any order, those with the smallest ids. It never holds more than twice as many. */
export class FirstById {
  readonly #limit: number
  readonly #kept: Relationship[] = []
  /** Once there are enough: what lies behind this id is none of them. */
  #lastId: string | null = null

  constructor(limit: number) {
    this.#limit = limit
  }

  add(relationship: Relationship): void {
    if (this.#lastId !== null && relationship.id > this.#lastId) return
    this.#kept.push(relationship)
    if (this.#kept.length >= 2 * this.#limit) this.#cut()
  }

  /** In the order of their ids. */
  sorted(): readonly Relationship[] {
    this.#cut()
    return this.#kept
  }

  #cut(): void {
    this.#kept.sort((a, b) => (a.id < b.id ? -1 : 1))
    if (this.#kept.length < this.#limit) return
    this.#kept.length = this.#limit
    this.#lastId = this.#kept.at(-1)?.id ?? null
  }
}
