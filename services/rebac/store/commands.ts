import { analyzeCommand } from './commands/analyze.ts'
import { collectExpiredCommand } from './commands/collect-expired.ts'
import { deleteMatchingCommand } from './commands/delete-matching.ts'
import { ensureIdentityCommand } from './commands/ensure-identity.ts'
import { moveCommand } from './commands/move.ts'
import { trimKeysCommand } from './commands/trim-keys.ts'
import { trimLogCommand } from './commands/trim-log.ts'
import { writeCommand } from './commands/write.ts'
import { writeSchemaCommand } from './commands/write-schema.ts'
import type { Tables } from './tables.ts'

/** Every transaction that writes to the permission database. */
export function storeCommands(tables: Tables) {
  return {
    ensureIdentity: ensureIdentityCommand,
    write: writeCommand(tables),
    deleteMatching: deleteMatchingCommand(tables),
    move: moveCommand(tables),
    writeSchema: writeSchemaCommand(tables),
    collectExpired: collectExpiredCommand(tables),
    trimLog: trimLogCommand(tables),
    trimKeys: trimKeysCommand,
    analyze: analyzeCommand,
  }
}

export type StoreCommands = ReturnType<typeof storeCommands>
