import { Progress } from '../../waves/progress.ts'
import { score } from './goals.ts'
import { type BenchCommand, readOptions, USAGE } from './options.ts'
import type { Figure } from './part.ts'
import { table } from './report/table.ts'
import { runPart } from './run-part.ts'
import { FULL, QUICK } from './sizes.ts'

try {
  const command = readOptions(process.argv.slice(2))
  if (command.help) out(USAGE)
  else await run(command)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function run({ quick, parts }: BenchCommand): Promise<void> {
  const progress = new Progress(process.stdout)
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const name of parts) {
    progress.say(`${name} ...`)
    const result = await runPart({ name, sizes: quick ? QUICK : FULL }, (line) => progress.say(line))
    Object.assign(figures, result.figures)
    notes.push(...result.notes)
  }
  out(`\n${table(score(figures))}\n`)
  if (quick) out('These are small sizes and short rounds: the figures above mean nothing.')
  for (const note of notes) out(note)
  out(JSON.stringify(figures))
}

function out(line: string): void {
  process.stdout.write(`${line}\n`)
}
