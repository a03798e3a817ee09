import type { Part } from '../../part.ts'
import { checkRates } from './check-rates.ts'
import { gateway } from './gateway.ts'
import { listing } from './listing.ts'
import { loading } from './loading.ts'
import { memory } from './memory.ts'
import { overGrpc } from './over-grpc.ts'
import { shapes } from './shapes.ts'
import type { Sizes } from '../sizes.ts'

/** By the names that `--only` knows, in the order in which they run. */
export const PARTS = {
  grpc: overGrpc,
  checks: checkRates,
  memory,
  loading,
  lists: listing,
  shapes,
  gateway,
} as const satisfies Readonly<Record<string, Part<Sizes>>>

export type PartName = keyof typeof PARTS

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[]
