/** How much is measured. Times are milliseconds. */
export interface SkillSizes {
  /** In the large tenant. */
  readonly skills: number
  readonly readable: number
  /** Calls at once. */
  readonly inFlight: number
  readonly rounds: number
  readonly roundMs: number
  /** How long the processor is watched for each kind of request. */
  readonly profileMs: number
}

export const FULL: SkillSizes = {
  skills: 10_000,
  readable: 200,
  inFlight: 64,
  rounds: 5,
  roundMs: 2_000,
  profileMs: 2_000,
}

/** Enough to see that everything works; the figures mean nothing. */
export const QUICK: SkillSizes = { skills: 50, readable: 5, inFlight: 10, rounds: 1, roundMs: 100, profileMs: 100 }
