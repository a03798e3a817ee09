import { keepExitCode } from '../../scripts/checks/keep-exit-code.ts'
import { readOptions, USAGE, type WavesCommand } from './options.ts'
import { Progress } from './progress.ts'
import { printReport } from './report/print.ts'
import { type FreshRun, runOnFreshSystem } from './run-on-fresh-system.ts'
import { runWaves } from './run-waves.ts'
import { waveTarget } from './target.ts'

keepExitCode()
try {
  const command = readOptions(process.argv.slice(2))
  const progress = new Progress(process.stdout)
  const { report, problems, notes } = await (command.url === null
    ? runOnFreshSystem(command, progress)
    : runOnUrl(command.url, command, progress))
  const name = `${command.database ?? 'url'}${command.killRebac ? '-kill-rebac' : ''}`
  printReport(report, problems, notes, { ...command, name })
  process.exitCode = problems.length === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exitCode = 1
}

/** What can be proved from outside, against a system that somebody else started. */
async function runOnUrl(url: string, command: WavesCommand, progress: Progress): Promise<FreshRun> {
  const report = await runWaves(waveTarget(url, command.key, command.aliceKey), {
    ...command,
    allowUnavailable: false,
    demoContent: command.key === undefined,
    metricsUrls: [],
    progress,
  })
  return { report, problems: report.problems, notes: [] }
}
