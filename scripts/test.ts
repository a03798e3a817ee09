import { stages } from './checks/stages.ts'
import { sum, type Tally } from './checks/tally.ts'

/** Everything, or the stages whose names start with one of the arguments. */
const wanted = process.argv.slice(2)
const chosen = stages.filter((stage) => wanted.length === 0 || wanted.some((name) => stage.name.startsWith(name)))

const started = performance.now()
const results: { readonly name: string; readonly tally: Tally; readonly seconds: number }[] = []
for (const stage of chosen) {
  const begin = performance.now()
  say(`${stage.name} ...`)
  const tally = await stage.run()
  results.push({ name: stage.name, tally, seconds: (performance.now() - begin) / 1_000 })
  say(`${stage.name}: ${figures(tally)}`)
}

process.stdout.write('\n')
for (const { name, tally, seconds } of results) {
  process.stdout.write(`  ${name.padEnd(58)} ${seconds.toFixed(1).padStart(7)} s   ${figures(tally)}\n`)
}
const all = sum(results.map((result) => result.tally))
if (all.skipped.length > 0) process.stdout.write(`\nSkipped:\n${all.skipped.map((name) => `  - ${name}\n`).join('')}`)
process.stdout.write(`\n${all.passed} passed, ${all.failed} failed\n`)
process.exitCode = all.failed === 0 && all.passed > 0 ? 0 : 1

function say(text: string): void {
  process.stdout.write(`[${((performance.now() - started) / 1_000).toFixed(1).padStart(6)} s] ${text}\n`)
}

function figures(tally: Tally): string {
  const skipped = tally.skipped.length === 0 ? '' : `, ${tally.skipped.length} skipped`
  return `${tally.passed} passed, ${tally.failed} failed${skipped}`
}
