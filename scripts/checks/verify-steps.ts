import { capture, type CommandResult } from './command.ts'
import { generatedCodeIsCurrent } from './generated-code.ts'
import { lockFileIsComplete } from './lock-file.ts'

/** One thing that `npm run verify` looks at. */
export interface VerifyStep {
  readonly name: string
  /** Rejects with SkippedError where it cannot be looked at. */
  run(): Promise<CommandResult>
}

/** Why a step could not be run on this machine. */
export class SkippedError extends Error {}

/** @param fix mend what can be mended without a thought: the format, the lock file */
export function verifySteps(fix: boolean): VerifyStep[] {
  return [
    { name: 'generated code is current', run: generatedCodeIsCurrent },
    { name: 'lock file is complete', run: () => lockFileIsComplete(fix) },
    { name: 'contract lint', run: () => capture('buf', ['lint']) },
    { name: 'contract compatibility', run: contractIsCompatible },
    {
      name: 'format',
      run: () => capture('biome', ['format', '--max-diagnostics=20', ...(fix ? ['--write'] : []), '.']),
    },
    { name: 'lint and layers', run: () => capture('oxlint', []) },
    { name: 'types', run: () => capture('tsc', ['--pretty', 'false']) },
    { name: 'unused code', run: () => capture('knip', ['--no-progress', '--no-config-hints']) },
  ]
}

/** Refuses a change that breaks clients of the contract as it is on the main branch. */
async function contractIsCompatible(): Promise<CommandResult> {
  const known = await capture('git', ['cat-file', '-e', 'main:proto']).catch(() => ({ code: 1, output: '' }))
  if (known.code !== 0) throw new SkippedError('no branch "main" with a contract to compare with')
  return capture('buf', ['breaking', '--against', '.git#branch=main'])
}
