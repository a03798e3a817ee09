const IN_FLIGHT = 64

/** What a round of calls came to. */
export interface Rate {
  readonly done: number
  readonly perSecond: number
  /** Processor time of this process for each, in microseconds. */
  readonly clientMicros: number
}

/**
 * Calls for so long, with 64 in flight.
 * @param call resolves with how many answers it was worth
 */
export async function runRound(call: () => Promise<number>, ms: number): Promise<Rate> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let done = 0
  const worker = async (): Promise<void> => {
    while (performance.now() - begun < ms) {
      const answered = await call()
      done += answered
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  const seconds = (performance.now() - begun) / 1_000
  const used = process.cpuUsage(cpu)
  return { done, perSecond: done / seconds, clientMicros: (used.user + used.system) / done }
}
