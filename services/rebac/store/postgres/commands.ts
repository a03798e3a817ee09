import { storeCommands } from '../commands.ts'
import { postgresTables } from './tables.ts'

export const commands = storeCommands(postgresTables)
