import type { MigrationTemplate } from '../../services/common/sql/ddl.ts'
import { skillMigration, skillPlacesMigration } from '../skills/migration.ts'
import { accountsMigration, deprovisionedMigration } from './migrations/accounts.ts'
import { auditRenamesMigration, auditWaysMigration } from './migrations/audit.ts'
import { initialMigration } from './migrations/initial.ts'
import { mountsMigration } from './migrations/mounts.ts'
import { directoriesMigration, finishedUploadsMigration, holdingsMigration } from './migrations/nodes.ts'
import { lastMoveMigration, plansMigration } from './migrations/outbox.ts'
import { linkAccessTimesMigration, permissionMigrations } from './migrations/permissions.ts'
import { searchMigration } from './migrations/search.ts'
import { trashMigration } from './migrations/trash.ts'
import { memoriesMigration, registrationsMigration, snapshotsMigration } from './migrations/workspaces.ts'

/**
 * The gateway's metadata database, in the order in which its parts came into being: a new migration goes to the end.
 * Times are milliseconds since 1970, UTC; flags are 0 or 1; JSON is text.
 */
export const gatewayMigrations: readonly MigrationTemplate[] = [
  initialMigration,
  memoriesMigration,
  snapshotsMigration,
  trashMigration,
  lastMoveMigration,
  accountsMigration,
  searchMigration,
  ...permissionMigrations,
  plansMigration,
  mountsMigration,
  skillMigration,
  directoriesMigration,
  holdingsMigration,
  registrationsMigration,
  auditWaysMigration,
  linkAccessTimesMigration,
  finishedUploadsMigration,
  skillPlacesMigration,
  auditRenamesMigration,
  deprovisionedMigration,
]
