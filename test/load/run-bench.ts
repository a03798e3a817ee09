import { parseArgs } from 'node:util'
import { Progress } from '../waves/progress.ts'
import type { Figure, Part } from './part.ts'
import type { Scored } from './report/goal.ts'
import { printReport } from './report/print.ts'

/** A benchmark of several parts, which run one after the other in this process. */
export interface Bench<Sizes> {
  /** Of its files, and of its command after `bench-`. */
  readonly name: `bench-${string}`
  readonly title: string
  readonly parts: Readonly<Record<string, Part<Sizes>>>
  readonly full: Sizes
  /** Enough to see that everything works. */
  readonly quick: Sizes
  readonly score: (figures: Readonly<Record<string, Figure>>) => readonly Scored[]
}

/** Runs what the command line asks for; an error is told and ends in exit code 1. Slowness is no error. */
export async function runBench<Sizes>(bench: Bench<Sizes>, args: readonly string[]): Promise<void> {
  try {
    await run(bench, args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

async function run<Sizes>(
  { name, title, parts, full, quick, score }: Bench<Sizes>,
  args: readonly string[],
): Promise<void> {
  const names = Object.keys(parts)
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      report: { type: 'string', default: 'reports' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage(name, names))
    return
  }
  const wanted = values.only?.split(',') ?? names
  const unknown = wanted.find((one) => !names.includes(one))
  if (unknown !== undefined) throw new Error(`--only names "${unknown}"; the parts are ${names.join(', ')}.`)

  const progress = new Progress(process.stdout)
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const [one, part] of Object.entries(parts)) {
    if (!wanted.includes(one)) continue
    const result = await part(values.quick ? quick : full, (line) => progress.say(line))
    Object.assign(figures, result.figures)
    notes.push(...result.notes)
  }
  const report = { name, title, figures, scored: score(figures), notes }
  printReport(report, { quick: values.quick, reportDir: values.report })
}

function usage(name: string, parts: readonly string[]): string {
  return `npm run ${name.replace('-', ':')} -- [options]

  --quick            small sizes and short rounds: shows that everything works, its figures mean nothing
  --only PART,...    only these parts: ${parts.join(', ')}
  --report DIR       where the plot and the figures go (reports)
  --help             this text
`
}
