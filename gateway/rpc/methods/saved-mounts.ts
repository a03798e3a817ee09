import { z } from 'zod'
import type { Mounts } from '../../mounts/contract.ts'
import type { SavedMount } from '../../mounts/saved-mount-record.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, path, text, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'
import { mountSpec, specOf } from './mounts.ts'

const MEMORY = { backend_type: 'memory', backend_config: {} }
const onePoint = z.strictObject({ mount_point: path, context: ignored })

/** The methods of mounts that are kept for later (nexus-api.md 2.3). */
export function savedMountMethods(mounts: Mounts): Method[] {
  return [
    defineMethod({
      name: 'save_mount',
      params: z.strictObject({
        mount_point: path,
        ...mountSpec,
        owner_user_id: optional(line),
        tenant_id: optional(line),
        description: optional(text),
        context: ignored,
      }),
      cacheControl: CACHE.none,
      handle: (params, context) =>
        mounts.save(context, params.mount_point, specOf(params), {
          ownerUserId: params.owner_user_id ?? null,
          tenant: params.tenant_id ?? null,
          description: params.description ?? null,
        }),
      docs: {
        summary: 'Keeps what shall be mounted at a path: load_mount mounts it, and so does every start of the server',
        example: { params: { mount_point: '/mounts/saved', ...MEMORY, description: 'for trying things out' } },
      },
    }),
    defineMethod({
      name: 'list_saved_mounts',
      params: z.strictObject({ owner_user_id: optional(line), tenant_id: optional(line), context: ignored }),
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const filter = { ownerUserId: params.owner_user_id ?? null, tenant: params.tenant_id ?? null }
        return (await mounts.listSaved(context, filter)).map(present)
      },
      docs: { summary: 'Lists what is kept to be mounted, with secrets masked', example: { params: {} } },
    }),
    defineMethod({
      name: 'load_mount',
      params: onePoint,
      cacheControl: CACHE.none,
      handle: (params, context) => mounts.load(context, params.mount_point),
      docs: {
        summary: 'Mounts what is kept for a path, if it is not mounted',
        example: {
          before: [['save_mount', { mount_point: '/mounts/loaded', ...MEMORY }]],
          params: { mount_point: '/mounts/loaded' },
        },
      },
    }),
    defineMethod({
      name: 'delete_saved_mount',
      params: onePoint,
      cacheControl: CACHE.none,
      handle: (params, context) => mounts.deleteSaved(context, params.mount_point),
      docs: {
        summary: 'Forgets what is kept to be mounted at a path; what is mounted stays',
        example: {
          before: [['save_mount', { mount_point: '/mounts/forgotten', ...MEMORY }]],
          params: { mount_point: '/mounts/forgotten' },
        },
      },
    }),
    deleteConnectorMethod(mounts),
  ]
}

function deleteConnectorMethod(mounts: Mounts): Method {
  return defineMethod({
    name: 'delete_connector',
    params: z.strictObject({
      mount_point: path,
      // Nothing that can be mounted here holds a grant that could be revoked.
      revoke_oauth: withDefault(z.boolean(), false),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      const { mount_point: point } = params
      const { removed, directoryDeleted, permissionsCleaned } = await mounts.remove(context, point)
      const configDeleted = await mounts.deleteSaved(context, point)
      return {
        removed,
        directory_deleted: directoryDeleted,
        config_deleted: configDeleted,
        permissions_cleaned: permissionsCleaned,
        oauth_revoked: false,
        errors: removed || configDeleted ? [] : [`Mount not found: ${point}`],
      }
    },
    docs: {
      summary: 'Takes a mount away, and forgets that it was kept to be mounted',
      example: {
        before: [
          ['save_mount', { mount_point: '/mounts/connector', ...MEMORY }],
          ['load_mount', { mount_point: '/mounts/connector' }],
        ],
        params: { mount_point: '/mounts/connector', revoke_oauth: false },
      },
    },
  })
}

function present(saved: SavedMount) {
  return {
    mount_id: saved.mountId,
    mount_point: saved.mountPoint,
    backend_type: saved.backendType,
    backend_config: saved.config,
    priority: saved.priority,
    readonly: saved.readonly,
    owner_user_id: saved.ownerUserId,
    tenant_id: saved.tenant,
    description: saved.description,
    created_at: isoTime(saved.createdAt),
    updated_at: isoTime(saved.updatedAt),
  }
}
