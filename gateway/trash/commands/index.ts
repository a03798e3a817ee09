import { purgeTrash } from './purge-trash.ts'
import { restoreTrash } from './restore-trash.ts'

/** The transactions of the trash. Each locks its tree. */
export const trashCommands = { restoreTrash, purgeTrash }
