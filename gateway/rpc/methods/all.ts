import type { Agents } from '../../agents/agents.ts'
import type { Files } from '../../files/contract.ts'
import type { Grep } from '../../grep/contract.ts'
import type { Relationships } from '../../relationships/relationships.ts'
import type { Shares } from '../../sharing/shares.ts'
import type { Skills } from '../../skills/skills.ts'
import type { Snapshots } from '../../snapshots/snapshots.ts'
import type { Trash } from '../../trash/trash.ts'
import type { Workspaces } from '../../workspaces/workspaces.ts'
import type { CallLimits } from '../limits.ts'
import type { Method } from '../method.ts'
import { agentMethods } from './agents.ts'
import { fileMethods } from './files.ts'
import { mountMethods } from './mounts.ts'
import { placeholderMethods } from './placeholders.ts'
import { relationshipMethods } from './relationships.ts'
import { sandboxMethods } from './sandboxes.ts'
import { searchMethods } from './search.ts'
import { shareMethods } from './shares.ts'
import { skillMethods } from './skills.ts'
import { snapshotMethods } from './snapshots.ts'
import { trashMethods } from './trash.ts'
import { versionMethods } from './versions.ts'
import { workspaceMethods } from './workspaces.ts'

/** What the methods are made of. */
export interface Capabilities {
  readonly files: Files
  readonly grep: Grep
  readonly agents: Agents
  readonly workspaces: Workspaces
  /** Directories that are registered as memories. */
  readonly memories: Workspaces
  readonly snapshots: Snapshots
  readonly trash: Trash
  /** How long the trash keeps what was deleted, in milliseconds. */
  readonly trashRetentionMs: number
  readonly skills: Skills
  readonly relationships: Relationships
  readonly shares: Shares
}

/** Every method that is served. */
export function allMethods(capabilities: Capabilities, limits: CallLimits): readonly Method[] {
  return [
    ...fileMethods(capabilities.files, limits),
    ...searchMethods(capabilities.files, capabilities.grep, limits),
    ...versionMethods(capabilities.files),
    ...mountMethods(),
    ...workspaceMethods(capabilities.workspaces, capabilities.memories),
    ...snapshotMethods(capabilities.snapshots),
    ...trashMethods(capabilities.trash, capabilities.trashRetentionMs),
    ...agentMethods(capabilities.agents),
    ...skillMethods(capabilities.skills),
    ...relationshipMethods(capabilities.relationships),
    ...shareMethods(capabilities.shares),
    ...sandboxMethods(),
    ...placeholderMethods(),
  ]
}
