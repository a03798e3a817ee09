import { storeCommands } from '../commands.ts'
import { sqliteTables } from './tables.ts'

/** What SQLite's writer thread imports. */
export const commands = storeCommands(sqliteTables)
