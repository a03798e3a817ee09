import { Progress } from '../waves/progress.ts'
import { runWaves, type WaveOptions, type WaveReport } from '../waves/run-waves.ts'
import { waveTarget } from '../waves/target.ts'

/** Where things are taken from the system meanwhile, the waves go on for that long. */
const ROUNDS_WITH_FAULTS = 12

/**
 * The waves of `npm test` against a system in containers.
 * @param faults runs beside them, and may make calls wait
 */
export function runContainerWaves(
  url: string,
  metricsUrls: readonly string[],
  faults?: NonNullable<WaveOptions['beside']>,
): Promise<WaveReport> {
  return runWaves(waveTarget(url), {
    scale: faults === undefined ? 10 : 5,
    rounds: faults === undefined ? 1 : ROUNDS_WITH_FAULTS,
    connections: 256,
    allowUnavailable: faults !== undefined,
    demoContent: true,
    metricsUrls,
    progress: new Progress({ write: () => undefined }),
    ...(faults === undefined ? {} : { beside: faults }),
  })
}
