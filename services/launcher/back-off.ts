const LONGEST_PAUSE_MS = 5_000

/** How long to wait before a child is started again, after this many crashes in a row before this one. */
export function restartDelayMs(earlierCrashes: number): number {
  return earlierCrashes === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 125 * 2 ** earlierCrashes)
}
