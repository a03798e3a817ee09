/** What one wave did over all its rounds. */
export interface WaveFigures {
  readonly number: number
  readonly title: string
  readonly calls: number
  readonly failures: number
  /** Answers "unavailable, come back later", each followed by another try. */
  readonly retries: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** So many problems are kept in words; all are counted. */
const KEPT_PROBLEMS = 20

/** Collects the outcome of every call of one wave. */
export class WaveRecorder {
  readonly #number: number
  readonly #title: string
  readonly #latencies: number[] = []
  readonly #problems: string[] = []
  #failures = 0
  #retries = 0

  constructor(wave: { readonly number: number; readonly title: string }) {
    this.#number = wave.number
    this.#title = wave.title
  }

  answered(ms: number): void {
    this.#latencies.push(ms)
  }

  failed(problem: string): void {
    this.#failures += 1
    if (this.#problems.length < KEPT_PROBLEMS) this.#problems.push(`wave ${this.#number}: ${problem}`)
  }

  retried(): void {
    this.#retries += 1
  }

  get calls(): number {
    return this.#latencies.length
  }

  get failures(): number {
    return this.#failures
  }

  get problems(): readonly string[] {
    return this.#problems
  }

  figures(): WaveFigures {
    const sorted = this.#latencies.toSorted((a, b) => a - b)
    return {
      number: this.#number,
      title: this.#title,
      calls: sorted.length,
      failures: this.#failures,
      retries: this.#retries,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      max: sorted.at(-1) ?? 0,
    }
  }
}

/** Nearest rank; 0 of nothing. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}
