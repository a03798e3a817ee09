import { createPeople } from './accounts/people.ts'
import { createAgents } from './agents/agents.ts'
import { createAuditTrail } from './audit/audit-trail.ts'
import type { Ways } from './audit/ways.ts'
import type { GatewayConfig } from './config/gateway-config.ts'
import { createDynamicViewer } from './dynamic-viewer/dynamic-viewer.ts'
import type { Files } from './files/contract.ts'
import type { FileDeps } from './files/deps.ts'
import { createGrep } from './grep/grep.ts'
import { createKeyAdministration } from './keys/key-admin.ts'
import { createMounts, type MountsDeps } from './mounts/create-mounts.ts'
import { createSyncs } from './mounts/sync/create-syncs.ts'
import type { SyncRunner } from './mounts/sync/sync-runner.ts'
import { createNamespaces } from './namespaces/namespaces.ts'
import type { Outbox } from './outbox/applier.ts'
import { createRebacOptions } from './relationships/rebac-options.ts'
import { createRelationships, type RelationshipsOptions } from './relationships/relationships.ts'
import type { Capabilities } from './rpc/methods/all.ts'
import { createSearch } from './search/search.ts'
import { SharedWork } from './shared-work.ts'
import { createShares, type Incoming } from './sharing/shares.ts'
import type { SkillUses } from './skills/skill-uses.ts'
import { KnownSkills } from './skills/known-skills.ts'
import { createSkills } from './skills/skills.ts'
import { createSnapshots } from './snapshots/snapshots.ts'
import { starter } from './starter/starter.ts'
import { createTrash } from './trash/trash.ts'
import { createWorkspaces } from './workspaces/workspaces.ts'

/** What capabilities stand on. */
export interface CapabilityParts {
  readonly config: GatewayConfig
  readonly parts: FileDeps
  readonly files: Files
  readonly outbox: Outbox
  readonly relations: RelationshipsOptions
  readonly ways: Ways
  readonly incoming: Incoming
  readonly mountParts: MountsDeps
  readonly runner: SyncRunner
  readonly skillUses: SkillUses
}

/** Everything that methods do, but for what other routes do as well. */
export function createCapabilities(given: CapabilityParts): Omit<Capabilities, 'signedUrls' | 'shareLinks'> {
  const { config, parts, files, outbox, relations, incoming, mountParts, runner } = given
  const { db } = parts
  const { permissions, insight, rights, auditor } = relations
  const agents = createAgents(parts, auditor)
  const workspaces = createWorkspaces({ db, files, rights, auditor, registry: 'workspace' })
  const relationships = createRelationships(relations)
  return {
    files,
    grep: createGrep(parts, config.grepProcesses),
    agents,
    people: createPeople({ db, deps: parts, files, outbox, auditor, agents, workspaces, starter }),
    auditTrail: createAuditTrail(db, auditor, given.ways),
    keys: createKeyAdministration({ db, outbox, auditor }),
    workspaces,
    search: createSearch(parts),
    memories: createWorkspaces({ db, files, rights, auditor, registry: 'memory' }),
    snapshots: createSnapshots(parts),
    trash: createTrash(parts, rights),
    trashRetentionMs: config.trashRetentionMs,
    mounts: createMounts(mountParts),
    syncs: createSyncs({ ...mountParts, runner, largest: config.mounts.largestSynced }),
    rebacOptions: createRebacOptions(db),
    namespaces: createNamespaces({ db, permissions, insight }),
    dynamicViewer: createDynamicViewer({ ...relations, files: parts }),
    skills: createSkills({
      ...parts,
      relationships,
      uses: given.skillUses,
      lists: new SharedWork(),
      known: new KnownSkills(),
    }),
    relationships,
    shares: createShares({ ...relations, incoming }),
  }
}
