import { show } from './checks/command.ts'

process.exitCode = await show('buf', ['generate'])
