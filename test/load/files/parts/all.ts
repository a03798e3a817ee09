import type { Part } from '../../part.ts'
import type { Sizes } from '../sizes.ts'
import { calls } from './calls.ts'
import { download } from './download.ts'
import { growth } from './growth.ts'
import { waves } from './waves.ts'

/** By the names that `--only` knows, in the order in which they run. */
export const PARTS = { calls, download, waves, growth } as const satisfies Readonly<Record<string, Part<Sizes>>>
