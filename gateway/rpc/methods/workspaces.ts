import { z } from 'zod'
import type { Workspaces } from '../../workspaces/workspaces.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { isoTime } from '../special-values.ts'

/** The methods of nexus-api.md 2.4. */
export function workspaceMethods(workspaces: Workspaces): Method[] {
  return [
    defineMethod({
      name: 'list_workspaces',
      params: z.strictObject({}),
      cacheControl: CACHE.revalidate,
      async handle(_params, context) {
        const listed = await workspaces.list(context)
        return listed.map((workspace) => ({
          path: workspace.path,
          name: workspace.name,
          description: workspace.description,
          created_at: isoTime(workspace.createdAt),
          created_by: workspace.createdBy,
          metadata: workspace.metadata,
        }))
      },
    }),
  ]
}
