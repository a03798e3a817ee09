import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { SnapshotFile, Snapshot } from '../../snapshots/snapshot-rows.ts'
import type { Snapshots } from '../../snapshots/snapshots.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, path, text, withDefault } from '../parameters.ts'

const MAX_TAGS = 100
const MAX_LOG = 10_000

const number = z.int().min(1)
/** Old clients name an agent, whose workspace has the agent's name. */
const workspace = { workspace_path: optional(path), agent_id: optional(line), context: ignored }

/** The methods of nexus-api.md 2.4 about snapshots of workspaces. */
export function snapshotMethods(snapshots: Snapshots): Method[] {
  return [
    defineMethod({
      name: 'workspace_snapshot',
      docs: {
        summary: 'Keep what stands in a workspace now',
        example: {
          params: {
            workspace_path: '/tenant:default/user:admin/workspace/ws_my_workspace',
            description: 'before the big change',
          },
        },
      },
      params: z.strictObject({
        ...workspace,
        description: optional(text),
        tags: withDefault(z.array(text).max(MAX_TAGS), []),
        // Who calls is known from the key.
        created_by: ignored,
      }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const facts = { description: params.description ?? null, tags: params.tags }
        return present(await snapshots.take(context, pathOf(params), facts))
      },
    }),
    defineMethod({
      name: 'workspace_log',
      docs: {
        summary: 'The snapshots of a workspace, the newest first',
        example: {
          before: [
            ['register_workspace', { path: '/tenant:default/user:admin/workspace/examples/snapshots-log' }],
            [
              'write',
              { path: '/tenant:default/user:admin/workspace/examples/snapshots-log/file.txt', content: 'first' },
            ],
            ['workspace_snapshot', { workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-log' }],
          ],
          params: { workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-log' },
        },
      },
      params: z.strictObject({ ...workspace, limit: withDefault(number.max(MAX_LOG), 100) }),
      cacheControl: CACHE.revalidate,
      handle: async (params, context) => (await snapshots.log(context, pathOf(params), params.limit)).map(present),
    }),
    defineMethod({
      name: 'workspace_diff',
      docs: {
        summary: 'What differs between two snapshots',
        example: {
          before: [
            ['register_workspace', { path: '/tenant:default/user:admin/workspace/examples/snapshots-diff' }],
            [
              'write',
              { path: '/tenant:default/user:admin/workspace/examples/snapshots-diff/file.txt', content: 'first' },
            ],
            ['workspace_snapshot', { workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-diff' }],
            ['workspace_snapshot', { workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-diff' }],
          ],
          params: {
            workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-diff',
            snapshot_1: 1,
            snapshot_2: 2,
          },
        },
      },
      params: z.strictObject({ ...workspace, snapshot_1: number, snapshot_2: number }),
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const numbers = [params.snapshot_1, params.snapshot_2] as const
        const { snapshots: ends, ...diff } = await snapshots.diff(context, pathOf(params), numbers)
        return {
          snapshot_1: present(ends[0]),
          snapshot_2: present(ends[1]),
          added: diff.added.map(presentFile),
          removed: diff.removed.map(presentFile),
          modified: diff.modified.map(({ before, after }) => ({
            path: after.path,
            old_size: before.size,
            new_size: after.size,
            old_hash: before.content_hash,
            new_hash: after.content_hash,
          })),
          unchanged: diff.unchanged,
        }
      },
    }),
    defineMethod({
      name: 'workspace_restore',
      docs: {
        summary: 'Bring a workspace back to what a snapshot holds',
        example: {
          before: [
            ['register_workspace', { path: '/tenant:default/user:admin/workspace/examples/snapshots-restore' }],
            [
              'write',
              { path: '/tenant:default/user:admin/workspace/examples/snapshots-restore/file.txt', content: 'first' },
            ],
            [
              'workspace_snapshot',
              { workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-restore' },
            ],
          ],
          params: {
            workspace_path: '/tenant:default/user:admin/workspace/examples/snapshots-restore',
            snapshot_number: 1,
          },
        },
      },
      params: z.strictObject({ ...workspace, snapshot_number: number }),
      cacheControl: CACHE.none,
      async handle(params, context) {
        const { restored, deleted, snapshot } = await snapshots.restore(context, pathOf(params), params.snapshot_number)
        return { files_restored: restored, files_deleted: deleted, snapshot_info: present(snapshot) }
      },
    }),
  ]
}

/** @throws NexusError INVALID_PARAMS */
function pathOf(params: { workspace_path?: string | undefined; agent_id?: string | undefined }): string {
  if (params.workspace_path !== undefined) return params.workspace_path
  if (params.agent_id !== undefined) return `/workspace/${params.agent_id}`
  throw new NexusError('INVALID_PARAMS', "missing parameter 'workspace_path'")
}

function present(snapshot: Snapshot) {
  return {
    snapshot_id: snapshot.snapshotId,
    snapshot_number: snapshot.number,
    manifest_hash: snapshot.manifestHash,
    file_count: snapshot.fileCount,
    total_size_bytes: snapshot.totalSize,
    description: snapshot.description,
    created_by: snapshot.createdBy,
    tags: snapshot.tags,
    created_at: new Date(snapshot.createdAt),
  }
}

function presentFile({ path: at, size, content_hash }: SnapshotFile) {
  return { path: at, size, hash: content_hash }
}
