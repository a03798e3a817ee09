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

/** The answer to a group: one outcome for each write, in order. */
export interface WriterReport {
  readonly outcomes: readonly WriteOutcome[]
  /** From the begin of the transaction to its commit. */
  readonly commitMs: number
}

export type WriteOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: ErrorReason; readonly message: string; readonly data?: JsonObject; readonly detail?: string }
