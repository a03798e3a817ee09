import type { Relationship } from '../../../../services/rebac/model/relationship.ts'
import type { Schema } from '../../../../services/rebac/schema/schema.ts'

/** A question about a user, with the answer that it must get. */
export interface ShapeQuestion {
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly user: string
  readonly allowed: boolean
}

export interface ShapeData {
  readonly schema: Schema
  readonly relationships: readonly Relationship[]
  /** Asked in turn. */
  readonly questions: readonly ShapeQuestion[]
  /** Asked once and not timed: what shows that the others could have been answered otherwise. */
  readonly controls: readonly ShapeQuestion[]
}

/** Relationships that make a check hard, of any size. */
export interface Shape {
  /** Its full size. */
  readonly size: number
  make(size: number): ShapeData
}

/** 0, 1, ... count - 1. */
export function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}
