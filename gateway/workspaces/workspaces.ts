import type { CallContext } from '../context.ts'
import { resolvePath } from '../files/paths.ts'
import type { Rights } from '../relationships/rights.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { listWorkspaces, type WorkspaceRecord } from './workspace-record.ts'

/** Directories that people registered as workspaces. */
export interface Workspaces {
  /** Those of the caller's tenant that the caller may read. */
  list(context: CallContext): Promise<readonly WorkspaceRecord[]>
}

export function createWorkspaces(db: GatewayDatabase, rights: Rights): Workspaces {
  return {
    async list(context) {
      const { tenant } = context.caller
      const all = await db.read(() => listWorkspaces(tenant), { deadline: context.scope.deadline })
      const readable = await rights.readable(
        context,
        all.map((workspace) => resolvePath(workspace.path, tenant)),
        'with-bypass',
      )
      return all.filter((_, index) => readable[index] === true)
    },
  }
}
