/** One kind of test that gains by running longer. */
export interface LongStage {
  readonly name: string
  /** What a word on the command line means for it, in a line. */
  readonly about: string
  /** Runs until the deadline, in milliseconds since 1970; `say` prints progress. */
  run(deadline: number, say: (line: string) => void): Promise<LongResult> | LongResult
}

export interface LongResult {
  readonly passed: number
  readonly failed: number
}
