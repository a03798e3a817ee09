import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Figure } from '../part.ts'
import type { Scored } from './goal.ts'
import { plot } from './plot.ts'
import { table } from './table.ts'

/** Digits of a figure that say something. */
const DIGITS = 4

/** What a benchmark found. */
export interface Report {
  /** Of its files. */
  readonly name: string
  readonly title: string
  readonly figures: Readonly<Record<string, Figure>>
  readonly scored: readonly Scored[]
  readonly notes: readonly string[]
}

/** Prints the table, the sentences below it and, as the last line, all figures as JSON; writes plot and figures. */
export function printReport(
  { name, title, figures, scored, notes }: Report,
  { quick, reportDir }: { readonly quick: boolean; readonly reportDir: string },
): void {
  out(`\n${table(scored, !quick)}\n`)
  if (quick) out('Small sizes and short rounds: these figures mean nothing.')
  for (const note of notes) out(note)
  const [load = 0] = loadavg()
  const machine = `Node ${process.versions.node}, ${cpus().length} processors, ${load.toFixed(1)} processes wanted one at the end`
  out(machine)
  const json = JSON.stringify(figures, (_, value: unknown) => (typeof value === 'number' ? roundTo(value) : value))
  const base = join(reportDir, quick ? `${name}-quick` : name)
  mkdirSync(reportDir, { recursive: true })
  writeFileSync(`${base}.svg`, plot(scored, title, machine))
  writeFileSync(`${base}.json`, `${json}\n`)
  out(`plot: ${base}.svg`)
  out(json)
}

function roundTo(value: number): number {
  return Number(value.toPrecision(DIGITS))
}

function out(line: string): void {
  process.stdout.write(`${line}\n`)
}
