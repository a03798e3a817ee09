/** A figure, or several under one key. */
export type Figure = number | { readonly [name: string]: Figure }

/** What a part of the benchmark found. */
export interface PartResult {
  /** By the key that they have in the last line of the output. */
  readonly figures: Readonly<Record<string, Figure>>
  /** What is worth knowing beside them, in words. */
  readonly notes: readonly string[]
}

/**
 * Measures something, in a process of its own.
 * @throws Error if an answer was wrong
 */
export type Part<Sizes> = (sizes: Sizes, say: (line: string) => void) => PartResult | Promise<PartResult>
