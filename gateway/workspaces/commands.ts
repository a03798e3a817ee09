import { run, type Script } from '../../services/common/sql/script.ts'
import type { WorkspaceRecord } from './workspace-record.ts'

/** The transactions of workspaces. */
export const workspaceCommands = { putWorkspace }

/** Registers a workspace; one that is registered already stays as it is. */
function* putWorkspace(workspace: WorkspaceRecord): Script<void> {
  yield* run(
    `insert into workspaces (tenant, path, name, description, created_by, metadata, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    workspace.tenant,
    workspace.path,
    workspace.name,
    workspace.description,
    workspace.createdBy,
    JSON.stringify(workspace.metadata),
    workspace.createdAt,
  )
}
