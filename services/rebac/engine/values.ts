/** The value of a node. A cycle is a third truth value, and an error a fourth (docs/semantics.md, "Cycles"). */
export const FALSE = 0
export const TRUE = 1
export const CYCLE = 2
export const ERROR = 3

export type Value = typeof FALSE | typeof TRUE | typeof CYCLE | typeof ERROR
