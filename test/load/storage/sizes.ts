/** How much is measured. */
export interface Sizes {
  /** Relationships that are stored before single writes are measured. */
  readonly small: number
  readonly large: number
  /** Relationships that checks are asked about. */
  readonly checked: number
  readonly rounds: number
  readonly roundMs: number
  /** The load under which the event loops are watched: seconds instead of a minute. */
  readonly shortLoad: boolean
}

export const FULL: Sizes = {
  small: 10_000,
  large: 1_000_000,
  checked: 100_000,
  rounds: 5,
  roundMs: 2_000,
  shortLoad: false,
}

/** Enough to see that everything works; the figures mean nothing. */
export const QUICK: Sizes = { small: 100, large: 1_000, checked: 1_000, rounds: 1, roundMs: 100, shortLoad: true }
