import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { run, type Script } from '../../../services/common/sql/script.ts'
import { holdContent } from '../../content/commands.ts'
import { dropIndex } from '../../files/commands/drop-index.ts'
import { makeNodes } from '../../files/commands/make-nodes.ts'
import { begin, finish, isEmpty, type Mutation, type NotMade } from '../../files/commands/mutation.ts'
import { requireUnmounted } from '../../files/commands/mount-points.ts'
import { checkQuota, type Quota } from '../../files/commands/quota.ts'
import { storeIndex } from '../../files/commands/store-index.ts'
import { nodesBelow } from '../../files/below.ts'
import type { IndexRow } from '../../files/indexer.ts'
import { lookup } from '../../files/queries.ts'
import type { OutboxChange, OutboxReceipt } from '../../outbox/entry.ts'
import type { PermissionSubject } from '../../permissions/contract.ts'
import { indexTexts } from '../../search/index-scripts.ts'
import { changesOfPlan } from '../../snapshots/commands/changes-of-plan.ts'
import {
  addVersions,
  changeFiles,
  createNodes,
  makeExplicit,
  moveToTrash,
} from '../../snapshots/commands/many-nodes.ts'
import { planRestore, type WantedNode } from '../../snapshots/commands/plan-restore.ts'
import { SKILL_FILE } from '../tiers.ts'

/** The skill that another one was made from, as it was then. */
export interface LineageFacts {
  readonly kind: 'fork' | 'publish'
  readonly sourceTenant: string
  readonly sourceNodeId: string
  readonly sourceName: string
  readonly sourcePath: string
  readonly sourceVersion: string | null
  /** SHA-256 of the SKILL.md. */
  readonly sourceEtag: string
}

export interface InstallSkillRequest extends Mutation {
  /** For the audit trail. */
  readonly action: string
  readonly name: string
  readonly replace: boolean
  /** One id for each component of the directory's path. */
  readonly ids: readonly string[]
  /** What shall stand in the directory, and the directories above it. */
  readonly wanted: readonly WantedNode[]
  /** Rows of the index by path, for files that may have one. */
  readonly indexed: readonly { readonly path: string; readonly row: IndexRow | null }[]
  /** Words by the hash of what they stand in. */
  readonly words: readonly (readonly [hash: string, words: string])[]
  /** Who becomes direct owner of what is made; null if nobody has to. */
  readonly owner: PermissionSubject | null
  readonly keptVersions: number
  readonly quota: Quota
  readonly lineage: LineageFacts | null
}

export type InstallSkillsResult = NotMade | { readonly outcome: 'done'; readonly receipts: readonly OutboxReceipt[] }

/** Puts skills of one tree in their places: all, or none. @throws NexusError FILE_EXISTS, INVALID_PATH */
export function* installSkills(requests: readonly InstallSkillRequest[]): Script<InstallSkillsResult> {
  const held = new Set<string>()
  for (const request of requests) {
    const { notMade } = yield* begin(request)
    if (notMade !== null) return notMade
    for (const { contentHash: hash } of request.wanted) {
      if (hash === null || held.has(hash)) continue
      if (!(yield* holdContent(hash))) return { outcome: 'uncollected' }
      held.add(hash)
    }
  }
  const receipts: OutboxReceipt[] = []
  for (const request of requests) {
    const receipt = yield* install(request)
    if (receipt !== null) receipts.push(receipt)
  }
  return { outcome: 'done', receipts }
}

function* install(request: InstallSkillRequest): Script<OutboxReceipt | null> {
  const { at, name, owner, wanted, keptVersions, action } = request
  // What was made for those before, such as a directory above, is there now.
  const found = yield* lookup(at, request.applied)
  yield* requireUnmounted(at, found, 'made a skill')
  yield* checkPlace(request, found.node)
  const isNew = found.node === null
  const directory = { kind: 'directory', implicit: false, content: null } as const
  const directoryId =
    found.node?.node_id ?? (yield* makeNodes(request, found, request.ids, directory, at.components.length - 1))
  const standing = isNew ? [] : yield* nodesBelow(at.tree, directoryId)
  const plan = planRestore(directoryId, standing, wanted)

  yield* dropIndex(
    at.tree,
    plan.removed.map(({ node_id }) => node_id),
  )
  yield* moveToTrash(request, plan.removed)
  yield* makeExplicit(at.tree, [...plan.explicit, ...(found.node?.implicit === 1 ? [directoryId] : [])])
  yield* createNodes(request, plan.created)
  yield* changeFiles(request, plan.changed)
  const written = [
    ...plan.changed,
    ...plan.created.filter((one) => one.wanted.kind === 'file').map((one) => ({ ...one, nodeId: one.wanted.nodeId })),
  ]
  yield* checkQuota(at.tree, request.quota, written.length > 0)
  yield* addVersions(request, written, { source: 'original', reason: null, keptVersions })
  const nodes = new Map([
    ...standing.map(({ path, node_id }) => [path, node_id] as const),
    ...written.map(({ nodeId, wanted: { path } }) => [path, nodeId] as const),
  ])
  for (const { path, row } of request.indexed) {
    const nodeId = nodes.get(path)
    if (nodeId !== undefined) yield* storeIndex({ tree: at.tree, nodeId, path: `${at.path}/${path}` }, row, false)
  }
  yield* indexTexts(new Map(request.words))
  const skillId = nodes.get(SKILL_FILE)
  if (skillId !== undefined) yield* storeLineage(request, skillId)
  const owned: readonly OutboxChange[] = owner === null ? [] : [{ kind: 'own', path: at.path, subject: owner }]
  const changes = isNew ? owned : changesOfPlan(request, plan)
  const counts = { files: wanted.filter(({ kind }) => kind === 'file').length, replaced: !isNew }
  return yield* finish(request, action, [at.path], changes, { skill: name, ...counts })
}

/** @throws NexusError FILE_EXISTS */
function* checkPlace({ at, name, replace }: InstallSkillRequest, node: { kind: string; node_id: string } | null) {
  if (node === null) return
  if (node.kind === 'file') throw new NexusError('FILE_EXISTS', `'${at.path}' is a file; a skill is a directory.`)
  if (replace || (yield* isEmpty(at.tree, node.node_id))) return
  throw new NexusError('FILE_EXISTS', `Skill '${name}' already exists: ${at.path}`)
}

function* storeLineage({ at, now, actor, lineage }: InstallSkillRequest, nodeId: string): Script<void> {
  yield* run('delete from skill_lineage where tenant = $1 and node_id = $2', at.tree, nodeId)
  if (lineage === null) return
  yield* run(
    `insert into skill_lineage (tenant, node_id, kind, source_tenant, source_node_id, source_name, source_path,
  source_version, source_etag, made_at, made_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    at.tree,
    nodeId,
    lineage.kind,
    lineage.sourceTenant,
    lineage.sourceNodeId,
    lineage.sourceName,
    lineage.sourcePath,
    lineage.sourceVersion,
    lineage.sourceEtag,
    now,
    actor,
  )
}
