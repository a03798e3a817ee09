import { parseArgs } from 'node:util'
import { PART_NAMES, type PartName } from './parts/all.ts'

/** What the command line asked for. */
export interface BenchCommand {
  readonly help: boolean
  readonly quick: boolean
  readonly parts: readonly PartName[]
  readonly reportDir: string
}

export const USAGE = `npm run bench:engine -- [options]

  --quick            small sizes and short rounds: shows that everything works, its figures mean nothing
  --only PART,...    only these parts: ${PART_NAMES.join(', ')}
  --report DIR       where the plot and the figures go (reports)
  --help             this text
`

/** @throws Error with one sentence */
export function readOptions(args: readonly string[]): BenchCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      report: { type: 'string', default: 'reports' },
      help: { type: 'boolean', default: false },
    },
  })
  const wanted = values.only?.split(',') ?? PART_NAMES
  const unknown = wanted.find((name) => !PART_NAMES.some((known) => known === name))
  if (unknown !== undefined) throw new Error(`--only names "${unknown}"; the parts are ${PART_NAMES.join(', ')}.`)
  const parts = PART_NAMES.filter((name) => wanted.includes(name))
  return { help: values.help, quick: values.quick, parts, reportDir: values.report }
}
