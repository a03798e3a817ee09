import type { JsonObject } from '../../common/json.ts'
import type { Relationship } from '../model/relationship.ts'
import { grownLength } from './growth.ts'
import { readUuid, writeUuid } from './uuid-words.ts'

const ID_WORDS = 4
const PLAIN = 0
/** The edge has a condition or expires. */
const RESTRICTED = 1
const HAS_DETAILS = 2
/** The other bits of an edge's flags are the number of the period in which it was created. */
const FLAG_BITS = 2
/** Periods of 2^32 milliseconds, about fifty days; all others share the last number and keep the time as a detail. */
const PERIOD = 2 ** 32
const OTHER_PERIOD = 63

/** What few relationships have. */
interface RareDetails {
  /** Only if it is not a UUID. */
  readonly id: string | null
  /** Only if it lies in no numbered period. */
  readonly createdAt: number | null
  readonly conditionName: string
  readonly conditionContext: JsonObject | null
  readonly expiresAt: number | null
  readonly attributes: JsonObject | null
}

const NO_DETAILS: RareDetails = {
  id: null,
  createdAt: null,
  conditionName: '',
  conditionContext: null,
  expiresAt: null,
  attributes: null,
}

/** What a relationship holds beside its key, by the number of its edge. */
export class EdgeDetails {
  #ids = new Uint32Array(ID_WORDS * 16)
  /** The time in the period: half of what the whole would take. */
  #createdAt = new Uint32Array(16)
  #flags = new Uint8Array(16)
  readonly #periods: number[] = []
  readonly #rare = new Map<number, RareDetails>()

  get bytes(): number {
    return this.#ids.byteLength + this.#createdAt.byteLength + this.#flags.byteLength + this.#rare.size * 400
  }

  set(edge: number, relationship: Relationship): void {
    if (edge >= this.#flags.length) this.#grow(edge)
    const isUuid = writeUuid(relationship.id, this.#ids, edge * ID_WORDS)
    const { conditionName, conditionContext, expiresAt, attributes } = relationship
    const { createdAt } = relationship
    const period = this.#periodOf(createdAt)
    const restricted = conditionName !== '' || expiresAt !== null
    this.#createdAt[edge] = createdAt % PERIOD
    if (!isUuid || restricted || attributes !== null || period === OTHER_PERIOD) {
      this.#rare.set(edge, {
        id: isUuid ? null : relationship.id,
        createdAt: period === OTHER_PERIOD ? createdAt : null,
        conditionName,
        conditionContext,
        expiresAt,
        attributes,
      })
      this.#flags[edge] = (period << FLAG_BITS) | HAS_DETAILS | (restricted ? RESTRICTED : PLAIN)
    } else {
      this.#clear(edge)
      this.#flags[edge] = period << FLAG_BITS
    }
  }

  #clear(edge: number): void {
    if (this.#flags[edge]! & HAS_DETAILS) this.#rare.delete(edge)
    this.#flags[edge] = PLAIN
  }

  remove(edge: number): void {
    this.#clear(edge)
  }

  isPlain(edge: number): boolean {
    return (this.#flags[edge]! & RESTRICTED) === 0
  }

  rare(edge: number): RareDetails {
    return this.#flags[edge]! & HAS_DETAILS ? this.#rare.get(edge)! : NO_DETAILS
  }

  id(edge: number): string {
    return this.rare(edge).id ?? readUuid(this.#ids, edge * ID_WORDS)
  }

  createdAt(edge: number): number {
    const period = this.#periods[this.#flags[edge]! >>> FLAG_BITS]
    return period === undefined ? (this.rare(edge).createdAt ?? 0) : period * PERIOD + this.#createdAt[edge]!
  }

  /** The number of a period, which it gets now if it has none. */
  #periodOf(createdAt: number): number {
    if (!Number.isSafeInteger(createdAt) || createdAt < 0) return OTHER_PERIOD
    const period = Math.floor(createdAt / PERIOD)
    const known = this.#periods.indexOf(period)
    if (known >= 0) return known
    return this.#periods.length === OTHER_PERIOD ? OTHER_PERIOD : this.#periods.push(period) - 1
  }

  #grow(edge: number): void {
    const capacity = grownLength(this.#flags.length, edge + 1)
    const ids = new Uint32Array(capacity * ID_WORDS)
    ids.set(this.#ids)
    this.#ids = ids
    const createdAt = new Uint32Array(capacity)
    createdAt.set(this.#createdAt)
    this.#createdAt = createdAt
    const flags = new Uint8Array(capacity)
    flags.set(this.#flags)
    this.#flags = flags
  }
}
