import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { PermissionSubject } from '../permissions/contract.ts'
import { objectName } from '../relationships/object-name.ts'
import type { SkillDeps } from './deps.ts'
import { directoryOf, skillAt } from './find-skill.ts'
import { PUBLIC_RELATION } from './public-skills.ts'

interface Share {
  readonly relation: string
  readonly subject: PermissionSubject
}

const SHARE_FORMS = "'public', 'tenant', 'user:ID', 'agent:ID' or 'group:ID'"

/** With whom: everybody, all users of the tenant, or somebody by name. @throws NexusError VALIDATION_FAILED */
export function parseShare(text: string): Share {
  const named = (type: string, id: string, relation = '') => ({ tenant: '', type, id, relation })
  if (text === 'public') return { relation: PUBLIC_RELATION, subject: named('*', '*') }
  if (text === 'tenant') return { relation: 'direct_viewer', subject: named('user', '*') }
  const [, type = '', id = ''] = /^(user|agent|group):(.+)$/.exec(text.normalize('NFC')) ?? []
  if (type === '' || id === '*') {
    const shown = text.length > 80 ? `${text.slice(0, 80)}...` : text
    throw new NexusError('VALIDATION_FAILED', `share_with is '${shown}' but must be ${SHARE_FORMS}`)
  }
  return { relation: 'direct_viewer', subject: named(type, id, type === 'group' ? 'member' : '') }
}

/** Lets others read a skill, with all of its files. Needs ownership. Answers the id of the relationship. */
export async function shareSkill(
  deps: SkillDeps,
  context: CallContext,
  path: string,
  shareWith: string,
): Promise<string> {
  const { relation, subject } = parseShare(shareWith)
  const at = directoryOf(await skillAt(deps, context, path))
  return await deps.relationships.create(context, {
    subject: objectName(subject.type, subject.id, context.caller.tenant),
    subjectRelation: subject.relation,
    relation,
    object: objectName('file', at.path, context.caller.tenant),
    expiresAt: null,
    columnConfig: undefined,
    conditions: undefined,
  })
}

/** Takes that back; false if it was not shared so. Needs ownership. */
export async function unshareSkill(
  deps: SkillDeps,
  context: CallContext,
  path: string,
  shareWith: string,
): Promise<boolean> {
  const { relation, subject } = parseShare(shareWith)
  const at = directoryOf(await skillAt(deps, context, path))
  const question = { path: at.path, access: 'execute' } as const
  if (!(await deps.guard.allows(context, at.tree, 'skills_unshare', question)))
    throw deps.guard.denial(context, 'skills_unshare', question)
  const rows = await deps.relationships.list(context, at.tree, {
    objectType: 'file',
    objectId: at.path,
    relations: [relation],
    subjectTenant: '',
    subjectRelation: subject.relation,
  })
  const shared = rows.filter((row) => row.subject.type === subject.type && row.subject.id === subject.id)
  const gone = await Promise.all(shared.map(({ id }) => deps.relationships.delete(context, id)))
  return gone.includes(true)
}
