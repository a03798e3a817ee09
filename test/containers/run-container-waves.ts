import { Progress } from '../waves/progress.ts'
import { runWaves, type WaveReport } from '../waves/run-waves.ts'
import { waveTarget } from '../waves/target.ts'

/** The waves of `npm test` against a system in containers. */
export function runContainerWaves(url: string, metricsUrls: readonly string[]): Promise<WaveReport> {
  return runWaves(waveTarget(url), {
    scale: 10,
    rounds: 1,
    connections: 256,
    allowUnavailable: false,
    demoContent: true,
    metricsUrls,
    progress: new Progress({ write: () => undefined }),
  })
}
