import type { JsonObject } from '../../json.ts'
import type { ErrorReason } from '../../errors/catalogue.ts'

/** What the writer's thread is started with. */
export interface WriterThreadData {
  readonly file: string
  /** URL of the module whose export `commands` is the command set. */
  readonly commandsUrl: string
}

/** One group of writes, or the order to close. */
export type WriterOrder =
  | { readonly kind: 'group'; readonly writes: readonly OrderedWrite[] }
  | { readonly kind: 'close' }

export interface OrderedWrite {
  readonly command: string
  readonly argument: unknown
  readonly deadline: number
}

export type WriterReport =
  /** It takes orders; once, at the start. */
  | { readonly kind: 'ready' }
  /** While the group waits for SQLite's lock: the deadline of one write has passed, and it will not be run. */
  | { readonly kind: 'late'; readonly index: number }
  /** The answer to a group: one outcome for each write, in order, and the time from its begin to its commit. */
  | { readonly kind: 'group'; readonly outcomes: readonly WriteOutcome[]; readonly commitMs: number }
  /** Housekeeping failed; writes go on. */
  | { readonly kind: 'trouble'; readonly detail: string }

/** The helper's answer to one checkpoint: what went wrong, if anything did. */
export interface CheckpointReport {
  readonly trouble: string | null
}

export type WriteOutcome =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false
      readonly reason: ErrorReason
      readonly message: string
      readonly data?: JsonObject
      readonly detail?: string
    }
