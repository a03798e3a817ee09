import type { Part } from '../part.ts'
import { checkRates } from './check-rates.ts'
import { overGrpc } from './over-grpc.ts'

/** By the names that `--only` knows, in the order in which they run. */
export const PARTS = {
  grpc: overGrpc,
  checks: checkRates,
} as const satisfies Readonly<Record<string, Part>>

export type PartName = keyof typeof PARTS

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[]
