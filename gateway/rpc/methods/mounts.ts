import { z } from 'zod'
import { listMounts } from '../../mounts/mounts.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'

/** The methods of nexus-api.md 2.3. */
export function mountMethods(): Method[] {
  return [
    defineMethod({
      name: 'list_mounts',
      docs: { summary: 'What is mounted where', example: { params: {} } },
      params: z.strictObject({}),
      cacheControl: CACHE.revalidate,
      handle: async () =>
        listMounts().map((mount) => ({
          mount_point: mount.mountPoint,
          priority: mount.priority,
          readonly: mount.readonly,
          backend_type: mount.backendType,
        })),
    }),
  ]
}
