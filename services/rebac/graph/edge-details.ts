import type { JsonObject } from '../../common/json.ts'
import type { Relationship } from '../model/relationship.ts'
import { grownLength } from './growth.ts'
import { readUuid, writeUuid } from './uuid-words.ts'

const ID_WORDS = 4
const PLAIN = 0
/** The edge has a condition or expires. */
const RESTRICTED = 1
const HAS_DETAILS = 2

/** What few relationships have. */
interface RareDetails {
  /** Only if it is not a UUID. */
  readonly id: string | null
  readonly conditionName: string
  readonly conditionContext: JsonObject | null
  readonly expiresAt: number | null
  readonly attributes: JsonObject | null
}

const NO_DETAILS: RareDetails = {
  id: null,
  conditionName: '',
  conditionContext: null,
  expiresAt: null,
  attributes: null,
}

/** What a relationship holds beside its key, by the number of its edge. */
export class EdgeDetails {
  #ids = new Uint32Array(ID_WORDS * 16)
  #createdAt = new Float64Array(16)
  #flags = new Uint8Array(16)
  readonly #rare = new Map<number, RareDetails>()

  get bytes(): number {
    return this.#ids.byteLength + this.#createdAt.byteLength + this.#flags.byteLength + this.#rare.size * 400
  }

  set(edge: number, relationship: Relationship): void {
    if (edge >= this.#flags.length) this.#grow(edge)
    const isUuid = writeUuid(relationship.id, this.#ids, edge * ID_WORDS)
    const { conditionName, conditionContext, expiresAt, attributes } = relationship
    this.#createdAt[edge] = relationship.createdAt
    const restricted = conditionName !== '' || expiresAt !== null
    if (!isUuid || restricted || attributes !== null) {
      this.#rare.set(edge, {
        id: isUuid ? null : relationship.id,
        conditionName,
        conditionContext,
        expiresAt,
        attributes,
      })
      this.#flags[edge] = HAS_DETAILS | (restricted ? RESTRICTED : PLAIN)
    } else {
      this.#clear(edge)
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
    return this.#createdAt[edge]!
  }

  #grow(edge: number): void {
    const capacity = grownLength(this.#flags.length, edge + 1)
    const ids = new Uint32Array(capacity * ID_WORDS)
    ids.set(this.#ids)
    this.#ids = ids
    const createdAt = new Float64Array(capacity)
    createdAt.set(this.#createdAt)
    this.#createdAt = createdAt
    const flags = new Uint8Array(capacity)
    flags.set(this.#flags)
    this.#flags = flags
  }
}
