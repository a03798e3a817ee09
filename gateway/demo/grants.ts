import type { NewRelationshipRow, PermissionSubject } from '../permissions/contract.ts'
import { ADMIN_HOME, agentId, ALICE_HOME, DEMO_TENANT } from './accounts.ts'
import { starterAgents } from '../starter/starter-agents.ts'

/** Who may do what in the demo. Files that are made below a directory that one owns need no relationship of their own. */
export function demoGrants(): readonly NewRelationshipRow[] {
  const admin = subject('user', 'admin')
  const alice = subject('user', 'alice')
  const engineers = subject('group', 'eng', 'member')
  return [
    file(admin, 'direct_owner', ADMIN_HOME),
    file(admin, 'direct_owner', '/resource'),
    file(admin, 'direct_owner', `/tenant:${DEMO_TENANT}/resource`),
    file(alice, 'direct_owner', ALICE_HOME),

    // Alice reads one skill by name, another and the company's resources as an engineer, and works in one workspace.
    grant(alice, 'member', 'group', 'eng'),
    grant(admin, 'admin', 'group', 'eng'),
    file(alice, 'direct_viewer', `${ADMIN_HOME}/skill/pdf`),
    file(engineers, 'direct_viewer', `${ADMIN_HOME}/skill/xlsx`),
    file(engineers, 'direct_viewer', `/tenant:${DEMO_TENANT}/resource`),
    file(alice, 'direct_editor', `${ADMIN_HOME}/workspace/ws_my_workspace`),

    ...starterAgents.map((agent) =>
      file(subject('agent', agentId(agent)), 'direct_owner', `${ADMIN_HOME}/agent/${agent.name}`),
    ),
    ...starterAgents
      .filter(({ inherits }) => inherits)
      .map((agent) => grant(admin, 'inherits_from', 'agent', agentId(agent))),
    file(subject('agent', 'admin,UntrustedAgent'), 'direct_viewer', `${ADMIN_HOME}/skill/skill-creator`),
  ]
}

function subject(type: string, id: string, relation = ''): PermissionSubject {
  return { tenant: '', type, id, relation }
}

function file(who: PermissionSubject, relation: string, path: string): NewRelationshipRow {
  return grant(who, relation, 'file', path)
}

function grant(who: PermissionSubject, relation: string, objectType: string, objectId: string): NewRelationshipRow {
  const plain = { expiresAt: null, attributes: null, conditionName: '', conditionContext: null }
  return { subject: who, relation, objectType, objectId, ...plain }
}
