import { parseArgs } from 'node:util'
import { longStages } from './checks/long-stages.ts'
import { sum, type Tally } from './checks/tally.ts'

/** npm run test:long -- [names] [--minutes N]: everything that is long, or what has a name that starts so. */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { minutes: { type: 'string' } } })
const minutes = values.minutes === undefined ? null : Number(values.minutes)
if (minutes !== null && !(minutes > 0))
  throw new Error(`--minutes is "${values.minutes}" but must be a number above 0.`)
const chosen = longStages.filter(
  ({ name }) => positionals.length === 0 || positionals.some((wanted) => name.startsWith(wanted)),
)
if (chosen.length === 0) {
  process.stderr.write(`There is no such stage. There are: ${longStages.map(({ name }) => name).join(', ')}.\n`)
}
const tallies: Tally[] = []
for (const stage of chosen) {
  process.stdout.write(`\n${stage.name}\n`)
  tallies.push(await stage.run(minutes))
}
const all = sum(tallies)
if (all.skipped.length > 0) process.stdout.write(`\nSkipped:\n${all.skipped.map((name) => `  - ${name}\n`).join('')}`)
process.stdout.write(`\n${all.passed} passed, ${all.failed} failed\n`)
process.exitCode = all.failed === 0 && all.passed > 0 ? 0 : 1
