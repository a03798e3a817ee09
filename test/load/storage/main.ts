import { parseArgs } from 'node:util'
import { Progress } from '../../waves/progress.ts'
import type { Figure } from '../part.ts'
import { printReport } from '../report/print.ts'
import { score } from './goals.ts'
import { PARTS } from './parts/all.ts'
import { FULL, QUICK } from './sizes.ts'

const NAMES = Object.keys(PARTS)

const USAGE = `npm run bench:storage -- [options]

  --quick            small sizes and short rounds: shows that everything works, its figures mean nothing
  --only PART,...    only these parts: ${NAMES.join(', ')}
  --report DIR       where the plot and the figures go (reports)
  --help             this text
`

try {
  await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

/** @throws Error if an answer was wrong; slowness is no error */
async function run(args: readonly string[]): Promise<void> {
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
    process.stdout.write(USAGE)
    return
  }
  const wanted = values.only?.split(',') ?? NAMES
  const unknown = wanted.find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw new Error(`--only names "${unknown}"; the parts are ${NAMES.join(', ')}.`)

  const progress = new Progress(process.stdout)
  const figures: Record<string, Figure> = {}
  const notes: string[] = []
  for (const [name, part] of Object.entries(PARTS)) {
    if (!wanted.includes(name)) continue
    const result = await part(values.quick ? QUICK : FULL, (line) => progress.say(line))
    Object.assign(figures, result.figures)
    notes.push(...result.notes)
  }
  const report = { name: 'bench-storage', title: 'Storage against its goals', figures, scored: score(figures), notes }
  printReport(report, { quick: values.quick, reportDir: values.report })
}
