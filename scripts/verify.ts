import { verify } from './checks/verify.ts'

const tally = await verify({ fix: process.argv.includes('--fix') })
process.stdout.write(`${tally.passed} passed, ${tally.failed} failed\n`)
process.exitCode = tally.failed === 0 ? 0 : 1
