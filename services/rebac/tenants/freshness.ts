/** How new the state of a tenant must be that a question is answered from. */
export type Freshness =
  /** Whatever is here, if it was confirmed lately. */
  | { readonly kind: 'minimizeLatency' }
  /** Everything that was acknowledged before the question arrived. */
  | { readonly kind: 'fullyConsistent' }
  | { readonly kind: 'atLeast'; readonly revision: number }
  | { readonly kind: 'exactly'; readonly revision: number }

export const FULLY_CONSISTENT: Freshness = { kind: 'fullyConsistent' }
export const MINIMIZE_LATENCY: Freshness = { kind: 'minimizeLatency' }
