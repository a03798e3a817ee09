import type { People } from '../../accounts/people.ts'
import type { Agents } from '../../agents/agents.ts'
import type { AuditTrail } from '../../audit/audit-trail.ts'
import type { DynamicViewer } from '../../dynamic-viewer/dynamic-viewer.ts'
import type { Files } from '../../files/contract.ts'
import type { Grep } from '../../grep/contract.ts'
import type { KeyAdministration } from '../../keys/key-admin.ts'
import type { Namespaces } from '../../namespaces/namespaces.ts'
import type { RebacOptions } from '../../relationships/rebac-options.ts'
import type { Mounts } from '../../mounts/contract.ts'
import type { Syncs } from '../../mounts/sync/contract.ts'
import type { Relationships } from '../../relationships/relationships.ts'
import type { ShareLinks } from '../../share-links/share-links.ts'
import type { Shares } from '../../sharing/shares.ts'
import type { Search } from '../../search/contract.ts'
import type { SignedUrls } from '../../signed-urls/signed-urls.ts'
import type { Skills } from '../../skills/skills.ts'
import type { Snapshots } from '../../snapshots/snapshots.ts'
import type { Trash } from '../../trash/trash.ts'
import type { Workspaces } from '../../workspaces/workspaces.ts'
import type { CallLimits } from '../limits.ts'
import type { Method } from '../method.ts'
import { agentMethods } from './agents.ts'
import { auditMethods } from './audit.ts'
import { dynamicViewerMethods } from './dynamic-viewer.ts'
import { fileMethods } from './files.ts'
import { keyMethods } from './keys.ts'
import { fullTextMethods } from './full-text.ts'
import { mountMethods } from './mounts.ts'
import { peopleMethods } from './people.ts'
import { placeholderMethods } from './placeholders.ts'
import { namespaceMethods } from './namespaces.ts'
import { permissionQuestionMethods } from './permission-questions.ts'
import { savedMountMethods } from './saved-mounts.ts'
import { syncMethods } from './syncs.ts'
import { relationshipMethods } from './relationships.ts'
import { sandboxMethods } from './sandboxes.ts'
import { searchMethods } from './search.ts'
import { shareLinkMethods } from './share-links.ts'
import { shareMethods } from './shares.ts'
import { skillChangeMethods } from './skill-changes.ts'
import { skillMethods } from './skills.ts'
import { skillSharingMethods } from './skill-sharing.ts'
import { snapshotMethods } from './snapshots.ts'
import { trashMethods } from './trash.ts'
import { versionMethods } from './versions.ts'
import { workspaceMethods } from './workspaces.ts'

/** What the methods are made of. */
export interface Capabilities {
  readonly files: Files
  readonly signedUrls: SignedUrls
  readonly grep: Grep
  readonly search: Search
  readonly agents: Agents
  readonly keys: KeyAdministration
  readonly people: People
  readonly auditTrail: AuditTrail
  readonly workspaces: Workspaces
  /** Directories that are registered as memories. */
  readonly memories: Workspaces
  readonly snapshots: Snapshots
  readonly trash: Trash
  /** How long the trash keeps what was deleted, in milliseconds. */
  readonly trashRetentionMs: number
  readonly skills: Skills
  readonly relationships: Relationships
  readonly rebacOptions: RebacOptions
  readonly namespaces: Namespaces
  readonly dynamicViewer: DynamicViewer
  readonly shares: Shares
  readonly mounts: Mounts
  readonly syncs: Syncs
  readonly shareLinks: ShareLinks
}

/** Every method that is served. */
export function allMethods(capabilities: Capabilities, limits: CallLimits): readonly Method[] {
  return [
    ...under('Files', fileMethods(capabilities.files, capabilities.signedUrls, limits)),
    ...under('Search', searchMethods(capabilities.files, capabilities.grep, limits)),
    ...under('Search', fullTextMethods(capabilities.search)),
    ...under('Versions', versionMethods(capabilities.files)),
    ...under('Mounts', mountMethods(capabilities.mounts)),
    ...under('Mounts', savedMountMethods(capabilities.mounts)),
    ...under('Mounts', syncMethods(capabilities.syncs)),
    ...under('Workspaces and memories', workspaceMethods(capabilities.workspaces, capabilities.memories)),
    ...under('Snapshots', snapshotMethods(capabilities.snapshots)),
    ...under('Trash', trashMethods(capabilities.trash, capabilities.trashRetentionMs)),
    ...under('Agents', agentMethods(capabilities.agents)),
    ...under('Keys', keyMethods(capabilities.keys)),
    ...under('People', peopleMethods(capabilities.people)),
    ...under('Audit trail', auditMethods(capabilities.auditTrail)),
    ...under('Skills', skillMethods(capabilities.skills)),
    ...under('Skills', skillChangeMethods(capabilities.skills)),
    ...under('Skills', skillSharingMethods(capabilities.skills)),
    ...under('Permissions', relationshipMethods(capabilities.relationships)),
    ...under('Permissions', permissionQuestionMethods(capabilities.relationships, capabilities.rebacOptions, limits)),
    ...under('Namespaces', namespaceMethods(capabilities.namespaces)),
    ...under('Views of tables', dynamicViewerMethods(capabilities.dynamicViewer)),
    ...under('Shares', shareMethods(capabilities.shares)),
    ...under('Share links', shareLinkMethods(capabilities.shareLinks)),
    ...under('Sandboxes', sandboxMethods()),
    ...under('Placeholders', placeholderMethods()),
  ]
}

/** Puts methods into a chapter of the API's description. */
function under(tag: string, methods: readonly Method[]): readonly Method[] {
  return methods.map((method) => ({ ...method, tag }))
}
