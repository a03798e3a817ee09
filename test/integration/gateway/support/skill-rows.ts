import { RIGHTS, type Right, type Role, UNKNOWN_CALLER } from '../../../support/actors.ts'
import { makeZip } from '../../../support/zip.ts'
import { DENIED } from './matrix-row.ts'

/** What is not seen is not there. */
export const UNKNOWN_SKILL = -32005

type SkillRight = Right | 'approve'

/** A method about somebody's skill. */
interface SkillRow {
  readonly params: (facts: { name: string; path: string; approval: string; who: string }) => object
  readonly needs: SkillRight
  /** What one without any right is told. @default that it is not there */
  readonly hidden?: unknown
  /** What one is told who may read, but not do this. @default denied */
  readonly toReaders?: unknown
  readonly seen?: (result: never) => unknown
}

const zip_data = makeZip([['made/SKILL.md', '---\nname: made\ndescription: d\n---\n']]).toString('base64')
const byName = ({ name }: { name: string }) => ({ skill_name: name })
const byPath = ({ path }: { path: string }) => ({ skill_path: path })
const shareWith = ({ path }: { path: string }) => ({ skill_path: path, share_with: 'user:guest' })
const review = ({ approval, who }: { approval: string; who: string }) => ({ approval_id: approval, reviewed_by: who })
const unknown = { hidden: UNKNOWN_SKILL }
const denied = { hidden: DENIED }

/** Methods about somebody's skill. */
export const SKILL_ROWS: Readonly<Record<string, SkillRow>> = {
  skills_info: { params: byName, needs: 'read', ...unknown },
  skills_versions: { params: byName, needs: 'read', ...unknown },
  skills_usage: { params: byName, needs: 'read', ...unknown },
  skills_export: { params: byName, needs: 'read', ...unknown },
  skills_audit: { params: byName, needs: 'own', ...unknown },
  skills_load: { params: byPath, needs: 'read', ...denied },
  skills_subscribe: { params: byPath, needs: 'read', ...denied },
  skills_unsubscribe: { params: byPath, needs: 'read', ...denied },
  skills_share: { params: shareWith, needs: 'own', ...denied },
  skills_unshare: { params: shareWith, needs: 'own', ...denied },
  skills_submit_approval: {
    params: ({ name, who }) => ({ skill_name: name, submitted_by: who }),
    needs: 'write',
    ...unknown,
  },
  skills_approve: { params: review, needs: 'approve', hidden: UNKNOWN_SKILL, toReaders: UNKNOWN_SKILL },
  skills_reject: { params: review, needs: 'approve', hidden: UNKNOWN_SKILL, toReaders: UNKNOWN_SKILL },
  skills_list: { params: () => ({}), needs: 'read', hidden: 0 },
  skills_search: { params: ({ name }) => ({ query: name }), needs: 'read', hidden: 0 },
  skills_discover: { params: () => ({}), needs: 'read', hidden: 0 },
  skills_get_prompt_context: { params: () => ({}), needs: 'read', hidden: 0 },
  skills_list_approvals: { params: byName, needs: 'write', hidden: 0, toReaders: 0 },
}

/** Methods that make a skill in one of the tiers. */
export const MAKING_ROWS: Readonly<Record<string, (tier: string, unique: string) => object>> = {
  skills_create: (tier, name) => ({ name, description: 'd', tier }),
  skills_create_from_content: (tier, name) => ({ name, description: 'd', content: 'c', tier }),
  skills_create_from_file: (tier, name) => ({ source: 'a.md', file_data: 'YQ==', name, tier }),
  skills_fork: (tier, name) => ({ source_name: 'base', target_name: name, tier }),
  skills_import: (tier) => ({ zip_data, tier, allow_overwrite: true }),
  skills_publish: (tier) => ({ skill_name: 'base', source_tier: 'system', target_tier: tier }),
}

/** How often a skill stands in a list. */
export function countOf(result: unknown, name: string): number {
  const lists = Object.values(result as Record<string, unknown>).filter(Array.isArray) as Record<string, unknown>[][]
  return lists.flat().filter((item) => item['name'] === name || item['skill_name'] === name).length
}

/** What a role is told of a skill of the owner's. */
export function expectedOfSkill(method: string, row: SkillRow, role: Role): unknown {
  if (role === 'anonymous') return UNKNOWN_CALLER
  const rights = rightsOf(role)
  const isList = row.hidden === 0
  const done = isList ? 1 : 'done'
  // Being an administrator opens files, but does not make others' personal skills one's own.
  if (role === 'admin') {
    if (method === 'skills_list_approvals') return 1
    if (isList || row.hidden === UNKNOWN_SKILL) return row.needs === 'approve' ? 'done' : isList ? 0 : UNKNOWN_SKILL
    return 'done'
  }
  if (role === 'approver' && method === 'skills_list_approvals') return 1
  if (rights.includes(row.needs)) return done
  if (row.needs === 'approve' && rights.includes('write')) return DENIED
  return rights.includes('read') ? (row.toReaders ?? DENIED) : row.hidden
}

function rightsOf(role: Role): readonly SkillRight[] {
  if (role === 'approver') return ['approve']
  return role === 'admin' ? [...RIGHTS[role], 'approve'] : RIGHTS[role]
}
