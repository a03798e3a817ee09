/** How much is measured. Times are milliseconds. */
export interface Sizes {
  /** Relationships of the large tenant, and of the small one that growth is measured from. */
  readonly large: number
  readonly small: number
  /** Pairs that are asked again and again. */
  readonly pairs: number
  /** Relationships of the tenant behind gRPC. */
  readonly overGrpc: number
  /** How many of the objects of the large tenant a list finds. */
  readonly listed: number
  /** What a shape is divided by: a shape of 10,000 members has 10,000 of them at 1. */
  readonly shapeDivisor: number
  /** Requests of a round through the gateway. */
  readonly gatewayRequests: number
  readonly rounds: number
  /** How long a sample of checks lasts at least, and a round over gRPC. */
  readonly sampleMs: number
  readonly grpcRoundMs: number
}

export const FULL: Sizes = {
  large: 1_000_000,
  small: 10_000,
  pairs: 1_000,
  overGrpc: 100_000,
  listed: 10_000,
  shapeDivisor: 1,
  gatewayRequests: 300,
  rounds: 7,
  sampleMs: 60,
  grpcRoundMs: 2_000,
}

/** Enough to see that everything works; the figures mean nothing. */
export const QUICK: Sizes = {
  large: 10_000,
  small: 1_000,
  pairs: 100,
  overGrpc: 1_000,
  listed: 100,
  shapeDivisor: 10,
  gatewayRequests: 20,
  rounds: 2,
  sampleMs: 5,
  grpcRoundMs: 100,
}
