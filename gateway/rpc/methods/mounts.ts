import { z } from 'zod'
import type { JsonObject } from '../../../services/common/json.ts'
import type { Mount, Mounts } from '../../mounts/contract.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, path, withDefault } from '../parameters.ts'

const MEMORY = { backend_type: 'memory', backend_config: {} }
/** Clients send null for what they do not set. */
const config = z
  .record(line, z.union([text(), z.number(), z.boolean(), z.null()]))
  .transform((given): JsonObject => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null)))

function text() {
  return z.string().max(4_096)
}

/** What both add_mount and save_mount are told of a mount. */
export const mountSpec = {
  backend_type: line,
  backend_config: config,
  priority: withDefault(z.int().min(-1_000_000).max(1_000_000), 0),
  readonly: withDefault(z.boolean(), false),
}

/** A mount as add_mount and save_mount are told of it. */
export function specOf(params: z.output<z.ZodObject<typeof mountSpec>>) {
  const { backend_type: backendType, backend_config: backendConfig, priority, readonly } = params
  return { backendType, config: backendConfig, priority, readonly }
}

const onePoint = z.strictObject({ mount_point: path, context: ignored })

/** The methods of what is mounted now (nexus-api.md 2.3). */
export function mountMethods(mounts: Mounts): Method[] {
  return [
    defineMethod({
      name: 'list_mounts',
      params: z.strictObject({ context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: async (_params, context) => (await mounts.list(context)).map(present),
      docs: {
        summary: 'Lists what is mounted, as far as the caller may read the mount points',
        example: { params: {} },
      },
    }),
    defineMethod({
      name: 'get_mount',
      params: onePoint,
      cacheControl: CACHE.revalidate,
      async handle(params, context) {
        const mount = await mounts.find(context, params.mount_point)
        return mount === null ? null : present(mount)
      },
      docs: {
        summary: 'Answers what is mounted at a path, or null',
        example: { params: { mount_point: '/' } },
      },
    }),
    defineMethod({
      name: 'has_mount',
      params: onePoint,
      cacheControl: CACHE.revalidate,
      handle: async (params, context) => (await mounts.find(context, params.mount_point)) !== null,
      docs: { summary: 'Says whether something is mounted at a path', example: { params: { mount_point: '/' } } },
    }),
    defineMethod({
      name: 'add_mount',
      params: z.strictObject({ mount_point: path, ...mountSpec, context: ignored }),
      cacheControl: CACHE.none,
      handle: (params, context) => mounts.add(context, params.mount_point, specOf(params)),
      docs: {
        summary: 'Mounts a back end at a path with nothing below it; the caller comes to own the mount point',
        example: { params: { mount_point: '/mounts/added', ...MEMORY } },
      },
    }),
    removeMethod(mounts),
    defineMethod({
      name: 'list_connectors',
      params: z.strictObject({ category: optional(line), context: ignored }),
      cacheControl: CACHE.revalidate,
      handle: ({ category }) =>
        Promise.resolve(
          mounts.kinds
            .filter((kind) => category === undefined || kind.category === category)
            .map((kind) => ({
              name: kind.name,
              description: kind.description,
              category: kind.category,
              requires: kind.requires,
              user_scoped: false,
            })),
        ),
      docs: {
        summary: 'Lists the kinds of back ends that can be mounted',
        example: { params: { category: 'storage' } },
      },
    }),
  ]
}

function removeMethod(mounts: Mounts): Method {
  return defineMethod({
    name: 'remove_mount',
    params: onePoint,
    cacheControl: CACHE.none,
    async handle(params, context) {
      const { removed, directoryDeleted, permissionsCleaned } = await mounts.remove(context, params.mount_point)
      return {
        removed,
        directory_deleted: directoryDeleted,
        permissions_cleaned: permissionsCleaned,
        errors: removed ? [] : [`Mount not found: ${params.mount_point}`],
      }
    },
    docs: {
      summary: 'Takes a mount away; what its back end has stays there',
      example: {
        before: [['add_mount', { mount_point: '/mounts/removed', ...MEMORY }]],
        params: { mount_point: '/mounts/removed' },
      },
    },
  })
}

function present(mount: Mount) {
  return {
    mount_point: mount.mountPoint,
    priority: mount.priority,
    readonly: mount.readonly,
    backend_type: mount.backendType,
  }
}
