import { containersAreRequired, noContainersBecause } from './container-images.ts'
import { runFaultsStage } from './faults-run.ts'
import type { Tally } from './tally.ts'
import { verify } from './verify.ts'
import { runVitestProject } from './vitest-project.ts'
import { runWavesStage } from './waves-run.ts'

/** A part of `npm test`. */
export interface Stage {
  readonly name: string
  run(): Promise<Tally>
}

/** Everything that can be run on this machine, the quick things first. */
export const stages: readonly Stage[] = [
  { name: 'verify', run: () => verify({ fix: false }) },
  vitestStage('unit'),
  vitestStage('conformance'),
  vitestStage('waves', 'the waves themselves'),
  vitestStage('methods'),
  vitestStage('permissions'),
  vitestStage('operations'),
  vitestStage('integration'),
  wavesStage(['--db', 'sqlite', '--scale', '10']),
  wavesStage(['--db', 'postgres', '--scale', '10']),
  wavesStage(['--db', 'sqlite', '--scale', '5', '--rounds', '6', '--kill-rebac']),
  wavesStage(['--db', 'postgres', '--scale', '5', '--rounds', '6', '--kill-rebac']),
  { name: 'faults', run: runFaultsStage },
  { name: 'containers', run: runContainers },
]

function vitestStage(project: string, name = project): Stage {
  return { name, run: () => runVitestProject(project) }
}

function wavesStage(args: readonly string[]): Stage {
  return { name: `waves ${args.join(' ')}`, run: () => runWavesStage(args) }
}

async function runContainers(): Promise<Tally> {
  const reason = await noContainersBecause()
  if (reason === null || containersAreRequired()) return runVitestProject('containers')
  return { passed: 0, failed: 0, skipped: [`all container suites, because no container can be run here: ${reason}`] }
}
