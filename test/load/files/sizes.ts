/** How much is measured. Times are milliseconds. */
export interface Sizes {
  readonly rounds: number
  readonly roundMs: number
  /** How long the processor is watched for each kind of request. */
  readonly profileMs: number
  readonly downloadBytes: number
  readonly waveScale: number
  /** Files of a tenant; a tenth of them in one directory. */
  readonly large: number
  readonly small: number
}

export const FULL: Sizes = {
  rounds: 5,
  roundMs: 2_000,
  profileMs: 4_000,
  downloadBytes: 1_073_741_824,
  waveScale: 100,
  large: 1_000_000,
  small: 10_000,
}

/** Enough to see that everything works; the figures mean nothing. */
export const QUICK: Sizes = {
  rounds: 1,
  roundMs: 100,
  profileMs: 200,
  downloadBytes: 8_388_608,
  waveScale: 1,
  large: 10_000,
  small: 2_500,
}
