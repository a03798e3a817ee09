import { createHash } from 'node:crypto'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import type { SkillDeps } from '../deps.ts'
import type { SkillDirectory } from '../skill-directory.ts'
import type { IndexedSkill } from '../skill-rows.ts'
import { lastApproval } from './approval-rows.ts'

/** Equal for skills that hold the same files. @throws NexusError VALIDATION_FAILED in a mount, where files change by themselves */
export function etagOf({ at, files }: SkillDirectory): string {
  if (files.some((file) => file.hash === null))
    throw new NexusError('VALIDATION_FAILED', `The skill in '${at.path}' lies in a mount and cannot be approved there.`)
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${JSON.stringify([file.path, file.hash])}\n`)
  return hash.digest('hex')
}

/** @throws NexusError VALIDATION_FAILED if the last review rejected the skill as it is */
export async function requireNotRejected(
  deps: SkillDeps,
  { scope }: CallContext,
  skill: IndexedSkill,
  directory: SkillDirectory,
): Promise<void> {
  const last = await deps.db.read(() => lastApproval(skill.tree, skill.nodeId), { deadline: scope.deadline })
  if (last?.status !== 'rejected' || last.etag !== etagOf(directory)) return
  throw new NexusError(
    'VALIDATION_FAILED',
    `Skill '${skill.name}' was rejected as it is (approval ${last.approvalId}): change it before it is published.`,
  )
}
