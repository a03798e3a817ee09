import type { OutboxChange } from '../outbox/entry.ts'
import type { NewRelationshipRow, PermissionSubject } from '../permissions/contract.ts'
import { forgottenAbroad, type SharedAbroad } from '../sharing/shared-abroad.ts'
import type { AgentRecord } from './agent-record.ts'

/** Permissions that come with an agent: its directory is its owner's and its own; it inherits if it may. */
export function registration(agent: AgentRecord): readonly OutboxChange[] {
  const directory = agent.configPath.slice(0, agent.configPath.lastIndexOf('/'))
  const owners = [subject('user', agent.userId), subject('agent', agent.agentId)]
  const operations = owners.map((owner) => ({
    kind: 'touch' as const,
    relationship: relationship(owner, 'direct_owner', 'file', directory),
  }))
  return [{ kind: 'write', operations }, inheritance(agent)]
}

/** Whether an agent has its owner's rights is stored in the permission service, so that all its clients agree. */
export function inheritance(agent: AgentRecord): OutboxChange {
  const link = relationship(subject('user', agent.userId), 'inherits_from', 'agent', agent.agentId)
  const kind = agent.inheritPermissions ? 'touch' : 'deleteIfExists'
  return { kind: 'write', operations: [{ kind, relationship: link }] }
}

/** Nothing is known any more of an agent, neither what it may nor who may what to it. */
export function forgottenAgent(agentId: string, shares: readonly SharedAbroad[]): readonly OutboxChange[] {
  return [
    { kind: 'deleteMatching', filter: { subjectTenant: '', subjectType: 'agent', subjectId: agentId } },
    { kind: 'deleteMatching', filter: { objectType: 'agent', objectId: agentId } },
    ...forgottenAbroad(shares),
  ]
}

function subject(type: string, id: string): PermissionSubject {
  return { tenant: '', type, id, relation: '' }
}

function relationship(
  who: PermissionSubject,
  relation: string,
  objectType: string,
  objectId: string,
): NewRelationshipRow {
  const plain = { expiresAt: null, attributes: null, conditionName: '', conditionContext: null }
  return { subject: who, relation, objectType, objectId, ...plain }
}
