import { Progress } from '../../waves/progress.ts'
import { type BenchCommand, readOptions, USAGE } from './options.ts'
import type { Figure } from '../part.ts'
import { printReport } from '../report/print.ts'
import { score } from './goals.ts'
import { runPart } from './run-part.ts'
import { FULL, QUICK } from './sizes.ts'

try {
  const command = readOptions(process.argv.slice(2))
  if (command.help) process.stdout.write(USAGE)
  else await run(command)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

/** @throws Error if an answer was wrong; slowness is no error */
async function run(command: BenchCommand): Promise<void> {
  const progress = new Progress(process.stdout)
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const name of command.parts) {
    const result = await runPart({ name, sizes: command.quick ? QUICK : FULL }, (line) => progress.say(line))
    Object.assign(figures, result.figures)
    notes.push(...result.notes)
  }
  const title = 'The permission engine against its goals'
  printReport({ name: 'bench-engine', title, figures, scored: score(figures), notes }, command)
}
