import { parseArgs } from 'node:util'
import { engineStage } from './engine.ts'
import type { LongStage } from './stage.ts'

// npm run test:long -- engine --minutes 10. A new stage is a line here.
const STAGES: readonly LongStage[] = [engineStage]
const DEFAULT_MINUTES = '10'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: DEFAULT_MINUTES }, help: { type: 'boolean', default: false } },
})
const minutes = Number(values.minutes)
const unknown = positionals.filter((word) => !STAGES.some(({ name }) => name === word))
if (values.help || unknown.length > 0 || !(minutes > 0)) {
  const stages = STAGES.map(({ name, about }) => `  ${name.padEnd(10)} ${about}`).join('\n')
  console.log(
    `npm run test:long -- [stage ...] [--minutes ${DEFAULT_MINUTES}]\n\nEach stage takes that long.\n${stages}`,
  )
  process.exitCode = values.help ? 0 : 2
} else {
  let [passed, failed] = [0, 0]
  for (const stage of STAGES) {
    if (positionals.length > 0 && !positionals.includes(stage.name)) continue
    const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${stage.name}: ${line}`)
    const result = await stage.run(Date.now() + minutes * 60_000, say)
    passed += result.passed
    failed += result.failed
  }
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}
