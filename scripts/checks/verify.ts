import { performance } from 'node:perf_hooks'
import { SkippedError, type VerifyStep, verifySteps } from './verify-steps.ts'
import { sum, type Tally } from './tally.ts'

/** Runs every check of the source itself; prints one line a step, and what a failed one said. */
export async function verify(options: { readonly fix: boolean }): Promise<Tally> {
  const tallies: Tally[] = []
  for (const step of verifySteps(options.fix)) tallies.push(await runStep(step))
  return sum(tallies)
}

async function runStep(step: VerifyStep): Promise<Tally> {
  const started = performance.now()
  const line = (word: string, rest = ''): void => {
    const seconds = ((performance.now() - started) / 1_000).toFixed(1)
    process.stdout.write(`  ${word.padEnd(6)} ${step.name.padEnd(28)}${seconds.padStart(5)} s${rest}\n`)
  }
  try {
    const result = await step.run()
    line(result.code === 0 ? 'ok' : 'FAILED')
    if (result.code !== 0) process.stdout.write(`\n${result.output.trim()}\n\n`)
    return { passed: result.code === 0 ? 1 : 0, failed: result.code === 0 ? 0 : 1, skipped: [] }
  } catch (error) {
    if (!(error instanceof SkippedError)) throw error
    line('skip', `  ${error.message}`)
    return { passed: 0, failed: 0, skipped: [`${step.name}: ${error.message}`] }
  }
}
