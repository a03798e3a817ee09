import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WaveReport } from '../run-waves.ts'
import { plot } from './plot.ts'
import { table } from './table.ts'

const SHOWN_PROBLEMS = 30

export interface PrintOptions {
  /** For the heading and the file name: sqlite, postgres, url ... */
  readonly name: string
  readonly scale: number
  readonly rounds: number
  readonly reportDir: string
}

/** What a run leaves behind for other programs. */
export interface WavesOutcome {
  readonly calls: number
  readonly problems: readonly string[]
}

/** Prints the table and the sentences below it, and writes the plot. */
export function printReport(
  report: WaveReport,
  problems: readonly string[],
  notes: readonly string[],
  options: PrintOptions,
): void {
  out(`\n${table(report.figures)}\n`)
  out(`health: ${report.health.probes} probes, slowest ${report.health.max.toFixed(1)} ms`)
  out(`background writer: ${report.writer.acknowledged} writes acknowledged, ${report.writer.retries} put off`)
  if (report.writes !== null) {
    const writes = [...report.writes].map(([name, count]) => `${count} x ${name}`)
    out(`database writes caused by the waves alone: ${writes.length === 0 ? 'none' : writes.join(', ')}`)
  }
  for (const note of notes) out(note)
  out(`plot: ${writePlot(report, options)}`)
  writeOutcome(report, problems, options)
  if (problems.length > 0) out(`\n${problems.length} problems:`)
  for (const problem of problems.slice(0, SHOWN_PROBLEMS)) out(`  - ${problem}`)
  if (problems.length > SHOWN_PROBLEMS) out(`  ... and ${problems.length - SHOWN_PROBLEMS} more`)
  const calls = report.figures.reduce((total, wave) => total + wave.calls, 0)
  const failures = report.figures.reduce((total, wave) => total + wave.failures, 0)
  out(`\nwaves ${options.name}: ${calls} calls, ${failures} failures, ${problems.length} problems`)
}

/** For programs: what `npm test` counts. */
function writeOutcome(report: WaveReport, problems: readonly string[], options: PrintOptions): void {
  const calls = report.figures.reduce((total, wave) => total + wave.calls, 0)
  const outcome: WavesOutcome = { calls, problems }
  writeFileSync(join(options.reportDir, `waves-${options.name}.json`), `${JSON.stringify(outcome, null, 2)}\n`)
}

function writePlot(report: WaveReport, options: PrintOptions): string {
  mkdirSync(options.reportDir, { recursive: true })
  const file = join(options.reportDir, `waves-${options.name}.svg`)
  const calls = report.figures.reduce((total, wave) => total + wave.calls, 0)
  const subtitle = `${calls.toLocaleString('en')} calls: ${options.rounds} x the seven waves, each call ${options.scale} times at once for two users`
  writeFileSync(file, plot(report.figures, `Seven waves, ${options.name}`, subtitle))
  return file
}

function out(line: string): void {
  process.stdout.write(`${line}\n`)
}
