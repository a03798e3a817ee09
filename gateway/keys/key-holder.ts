import { randomBytes } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { checkUserId, parseAgentId } from '../accounts/names.ts'
import { findAgent } from '../agents/agent-record.ts'
import type { GatewayDatabase } from '../store/open-store.ts'
import { unregistered } from './admin-commands.ts'
import type { KeyRecord } from './key-record.ts'

/** Whom a key is for, as it is asked for. */
export interface KeyHolder {
  /** undefined: a new user. */
  readonly userId: string | undefined
  readonly subjectType: 'user' | 'agent'
  readonly subjectId: string | undefined
}

/** Whom a key will stand for. @throws NexusError INVALID_PARAMS */
export async function resolveHolder(
  db: GatewayDatabase,
  { tenant, userId, subjectType, subjectId }: KeyHolder & { readonly tenant: string },
  now: number,
  deadline: number,
): Promise<Pick<KeyRecord, 'userId' | 'subjectType' | 'subjectId' | 'inheritPermissions'>> {
  if (subjectType === 'agent') {
    if (subjectId === undefined) throw new NexusError('INVALID_PARAMS', "an agent's key needs its id as subject_id")
    const id = parseAgentId(subjectId)
    if (userId !== undefined && checkUserId(userId) !== id.userId)
      throw new NexusError('INVALID_PARAMS', `user_id must be the owner of the agent, '${id.userId}'`)
    const agent = await db.read(() => findAgent(tenant, id.agentId, now), { deadline })
    if (agent === null) throw unregistered(id.agentId)
    const { inheritPermissions } = agent
    return { userId: id.userId, subjectType, subjectId: id.agentId, inheritPermissions }
  }
  const id = checkUserId(userId ?? subjectId ?? `user_${randomBytes(6).toString('hex')}`)
  if (subjectId !== undefined && checkUserId(subjectId) !== id)
    throw new NexusError('INVALID_PARAMS', 'subject_id of a user must be the same as user_id')
  return { userId: id, subjectType, subjectId: id, inheritPermissions: false }
}
