import { interleave, median, medianRatio } from './figures.ts'

/** Something whose rate is measured. */
export interface Contender {
  /** Calls at once. */
  readonly inFlight: number
  /** Does some of it and resolves with how much. */
  readonly call: () => Promise<number>
}

/** What each of several contenders did per second, round by round. */
export class Race<Name extends string> {
  readonly #rates: Readonly<Record<Name, readonly number[]>>

  private constructor(rates: Readonly<Record<Name, readonly number[]>>) {
    this.#rates = rates
  }

  /** Lets them take turns, so that what else the machine does hits all alike. */
  static async run<Name extends string>(
    contenders: Readonly<Record<Name, Contender>>,
    { rounds, roundMs }: { readonly rounds: number; readonly roundMs: number },
  ): Promise<Race<Name>> {
    const measures = Object.fromEntries(
      Object.entries<Contender>(contenders).map(([name, contender]) => [name, () => rateOf(contender, roundMs)]),
    ) as Record<Name, () => Promise<number>>
    return new Race(await interleave(measures, rounds))
  }

  /** The median of the ratios of the rounds. */
  ratio(name: Name, over: Name): number {
    return medianRatio(this.#rates[name], this.#rates[over])
  }

  /** The medians, in words. */
  get summary(): string {
    return Object.entries<readonly number[]>(this.#rates)
      .map(([name, rates]) => `${name} ${Math.round(median(rates))}`)
      .join(', ')
  }
}

async function rateOf({ call, inFlight }: Contender, roundMs: number): Promise<number> {
  const begun = performance.now()
  let done = 0
  const worker = async (): Promise<void> => {
    while (performance.now() - begun < roundMs) {
      const part = await call()
      done += part
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  return (done / (performance.now() - begun)) * 1_000
}
