import { peopleCommands } from '../accounts/people-commands.ts'
import { agentCommands } from '../agents/commands.ts'
import { auditCommands } from '../audit/commands.ts'
import { wayCommands } from '../audit/way-rows.ts'
import { contentCommands } from '../content/commands.ts'
import { demoCommands } from '../demo/commands.ts'
import { uploadCommands } from '../files/commands/finished-uploads.ts'
import { fileCommands } from '../files/commands/index.ts'
import { keyAdminCommands } from '../keys/admin-commands.ts'
import { keyCommands } from '../keys/commands.ts'
import { namespaceCommands } from '../namespaces/commands.ts'
import { mountCommands } from '../mounts/commands/index.ts'
import { outboxCommands } from '../outbox/commands.ts'
import { searchCommands } from '../search/commands.ts'
import { relationshipCommands } from '../relationships/commands.ts'
import { signInCommands } from '../sign-in/commands.ts'
import { skillCommands } from '../skills/commands/index.ts'
import { shareLinkCommands } from '../share-links/commands.ts'
import { signedUrlCommands } from '../signed-urls/commands.ts'
import { snapshotCommands } from '../snapshots/commands/index.ts'
import { trashCommands } from '../trash/commands/index.ts'
import { workspaceCommands } from '../workspaces/commands.ts'

/**
 * Every transaction of the gateway, by name. SQLite's writer thread imports this module, so nothing below it may import
 * more than scripts and errors.
 */
export const commands = {
  ...agentCommands,
  ...auditCommands,
  ...contentCommands,
  ...demoCommands,
  ...fileCommands,
  ...keyAdminCommands,
  ...keyCommands,
  ...namespaceCommands,
  ...mountCommands,
  ...outboxCommands,
  ...peopleCommands,
  ...searchCommands,
  ...relationshipCommands,
  ...signInCommands,
  ...skillCommands,
  ...shareLinkCommands,
  ...signedUrlCommands,
  ...snapshotCommands,
  ...trashCommands,
  ...uploadCommands,
  ...wayCommands,
  ...workspaceCommands,
}
