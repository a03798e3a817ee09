import { v7 as uuidv7 } from 'uuid'
import { auditRow } from '../audit/audit-row.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { actorName, type CallContext } from '../context.ts'
import { canOwn, change, mutation, newIds } from '../files/change.ts'
import type { FileDeps } from '../files/deps.ts'
import { resolvePath, type TreePath } from '../files/paths.ts'
import { keptRelationships } from '../trash/trash-rows.ts'
import type { BackEnds } from './back-ends.ts'
import { type ConnectorKind, kindOf, masked } from './connectors/catalogue.ts'
import type { Mount, Mounts, MountSpec, RemovedMount } from './contract.ts'
import { type MountRecord, mountsAt, mountsOf } from './mount-record.ts'
import { mountPointOf, requireOwner, requireOwnerAbove, type RightsDeps, tenantOf } from './mount-rights.ts'
import { type SavedMount, savedMountAt, savedMountsOf } from './saved-mount-record.ts'
import { objectName } from '../relationships/object-name.ts'

export interface MountsDeps extends RightsDeps {
  readonly files: FileDeps
  readonly backEnds: BackEnds
  readonly kinds: readonly ConnectorKind[]
}

/** The content store, which always serves everything that no other mount does. Clients know it by this name. */
const ROOT_MOUNT: Mount = { mountPoint: '/', priority: 0, readonly: false, backendType: 'LocalBackend' }

export function createMounts(deps: MountsDeps): Mounts {
  const { files, kinds, rights } = deps
  const { db } = files
  return {
    kinds,

    async list(context) {
      const { caller, scope } = context
      const mounts = await db.read(() => mountsOf(caller.tenant), { deadline: scope.deadline })
      const places = mounts.map(({ mountPoint, tenant }) => resolvePath(mountPoint, tenant))
      const readable = mounts.length === 0 ? [] : await rights.readable(context, places, 'with-bypass')
      return [ROOT_MOUNT, ...mounts.filter((_, index) => readable[index] === true)]
    },

    async find(context, path) {
      const at = resolvePath(path, context.caller.tenant)
      if (at.path === '/') return ROOT_MOUNT
      const [readable] = await rights.readable(context, [at], 'with-bypass')
      if (readable !== true) return null
      const [serving] = await db.read(() => mountsAt(at.tree, at.path), { deadline: context.scope.deadline })
      return serving ?? null
    },

    async add(context, path, spec) {
      const at = mountPointOf(context, path)
      await requireOwnerAbove(deps, context, at, 'add_mount')
      await addMount(deps, context, at, spec)
      return at.path
    },

    remove: (context, path) => removeMount(deps, context, mountPointOf(context, path)),

    async save(context, path, spec, facts) {
      const at = mountPointOf(context, path)
      await requireOwnerAbove(deps, context, at, 'save_mount')
      if (tenantOf(context, facts.tenant) !== at.tree && facts.tenant !== null) {
        throw new NexusError('INVALID_PARAMS', `'${at.path}' does not belong to the tenant '${facts.tenant}'`)
      }
      const { caller, now } = context
      const kind = checkSpec(deps, at, spec)
      const mount: SavedMount = {
        ...spec,
        backendType: kind.name,
        tenant: at.tree,
        mountId: uuidv7(),
        mountPoint: at.path,
        ownerUserId: facts.ownerUserId ?? caller.user,
        description: facts.description,
        createdAt: now,
        updatedAt: now,
        createdBy: actorName(caller),
      }
      const audit = auditRow(context, 'save_mount', at.path, { tenant: at.tree })
      const options = { group: at.tree, deadline: context.scope.deadline }
      if (await db.write('saveMount', { mount, audit }, options)) return mount.mountId
      throw new NexusError('INVALID_PARAMS', `A mount is saved for '${at.path}' already; delete_saved_mount removes it`)
    },

    async listSaved(context, { ownerUserId, tenant: named }) {
      const tenant = tenantOf(context, named)
      const saved = await db.read(() => savedMountsOf(tenant), { deadline: context.scope.deadline })
      const wanted = saved.filter((one) => ownerUserId === null || one.ownerUserId === ownerUserId)
      const objects = wanted.map(({ mountPoint }) => objectName('file', mountPoint, tenant))
      const owned = wanted.length === 0 ? [] : await rights.owns(context, objects)
      return wanted
        .filter((_, index) => owned[index] === true)
        .map((one) => ({ ...one, config: masked(kinds, one.backendType, one.config) }))
    },

    async load(context, path) {
      const at = mountPointOf(context, path)
      await requireOwnerAbove(deps, context, at, 'load_mount')
      const { deadline } = context.scope
      const saved = await db.read(() => savedMountAt(at.tree, at.path), { deadline })
      if (saved === null) throw new NexusError('INVALID_PARAMS', `No mount is saved for '${at.path}'`)
      const mounted = await db.read(() => mountsAt(at.tree, at.path), { deadline })
      if (!mounted.some((one) => isSame(one, saved))) await addMount(deps, context, at, saved)
      return at.path
    },

    async deleteSaved(context, path) {
      const at = mountPointOf(context, path)
      await requireOwner(deps, context, at.path, 'delete_saved_mount')
      const audit = auditRow(context, 'delete_saved_mount', at.path, { tenant: at.tree })
      const request = { tenant: at.tree, mountPoint: at.path, audit }
      return await db.write('deleteSavedMount', request, { group: at.tree, deadline: context.scope.deadline })
    },
  }
}

/** Whether what is saved is what is mounted. */
function isSame(mounted: MountRecord, saved: MountSpec): boolean {
  return (
    mounted.backendType === saved.backendType &&
    mounted.priority === saved.priority &&
    mounted.readonly === saved.readonly &&
    JSON.stringify(mounted.config) === JSON.stringify(saved.config)
  )
}

/** @throws NexusError INVALID_PARAMS */
function checkSpec({ kinds }: Pick<MountsDeps, 'kinds'>, at: TreePath, spec: MountSpec): ConnectorKind {
  const kind = kindOf(kinds, spec.backendType)
  kind.open(spec.config, at.tree)
  return kind
}

/** Mounts what the caller is known to be allowed to. */
export async function addMount(
  deps: Pick<MountsDeps, 'files' | 'kinds'>,
  context: CallContext,
  at: TreePath,
  spec: MountSpec,
): Promise<void> {
  const { files } = deps
  const { caller, now, scope } = context
  const mount = {
    mountId: uuidv7(),
    backendType: checkSpec(deps, at, spec).name,
    config: spec.config,
    priority: spec.priority,
    readonly: spec.readonly,
    createdAt: now,
    createdBy: actorName(caller),
  }
  await change(files, context, at, (found) =>
    files.db.write(
      'addMount',
      {
        ...mutation(files, context, at, found, files.guard.bypasses(context, at.tree)),
        mount,
        ids: newIds(files, at),
        cleared: { trashId: uuidv7(), nodeId: uuidv7() },
        owner: canOwn(context, at.tree) && caller.subject.id !== '' ? caller.subject : null,
      },
      { group: at.tree, deadline: scope.deadline },
    ),
  )
}

async function removeMount(deps: MountsDeps, context: CallContext, at: TreePath): Promise<RemovedMount> {
  const { files, backEnds } = deps
  const { deadline } = context.scope
  await requireOwner(deps, context, at.path, 'remove_mount')
  const cleared = { trashId: uuidv7(), nodeId: uuidv7() }
  const made = await change(files, context, at, (found) =>
    files.db.write(
      'removeMount',
      { ...mutation(files, context, at, found, files.guard.bypasses(context, at.tree)), cleared },
      { group: at.tree, deadline },
    ),
  )
  const { mountId, directoryDeleted } = made
  if (mountId === null) return { removed: false, directoryDeleted: false, permissionsCleaned: 0 }
  await backEnds.forget(mountId)
  const forgotten = await files.db.read(() => keptRelationships(at.tree, cleared.trashId), { deadline })
  return { removed: true, directoryDeleted, permissionsCleaned: forgotten?.length ?? 0 }
}
