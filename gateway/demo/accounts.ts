import type { KeyRecord } from '../keys/key-record.ts'
import { hashKey } from '../keys/key-format.ts'
import { demoKeys } from '../keys/well-known-keys.ts'
import type { StarterAgent } from '../starter/starter-agents.ts'

export const DEMO_TENANT = 'default'
export const ADMIN_HOME = `/tenant:${DEMO_TENANT}/user:admin`
export const ALICE_HOME = `/tenant:${DEMO_TENANT}/user:alice`

const DAY_MS = 86_400_000

/** The id of an agent of the demo's administrator. */
export function agentId(agent: StarterAgent): string {
  return `admin,${agent.name}`
}

/** The keys of the demo; their ids are fixed, so that two gateways that provision together make the same. */
export function demoKeyRecords(now: number): readonly KeyRecord[] {
  const common = {
    tenant: DEMO_TENANT,
    isAdmin: false,
    isGlobalAdmin: false,
    inheritPermissions: false,
    createdAt: now,
    expiresAt: null,
    revokedAt: null,
  }
  const user = (id: string, key: string): KeyRecord => ({
    ...common,
    keyId: `demo-key-${id}`,
    keyHash: hashKey(key),
    userId: id,
    subjectType: 'user',
    subjectId: id,
    name: `Demo key of ${id}`,
  })
  return [
    { ...user('admin', demoKeys.admin), isAdmin: true, isGlobalAdmin: true },
    user('alice', demoKeys.alice),
    {
      ...user('untrusted-agent', demoKeys.untrustedAgent),
      userId: 'admin',
      subjectType: 'agent',
      subjectId: 'admin,UntrustedAgent',
      expiresAt: now + 365 * DAY_MS,
    },
  ]
}
