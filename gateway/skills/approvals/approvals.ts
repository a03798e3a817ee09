import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import { parentPath, SERVER_TREE } from '../../files/paths.ts'
import { auditRow } from '../../audit/audit-row.ts'
import type { SkillDeps } from '../deps.ts'
import { directoryOf, usableSkill } from '../find-skill.ts'
import { filesIn, skillDirectory } from '../skill-directory.ts'
import { type ApprovalStatus, listApprovalRows, type PlacedApproval, readApproval } from './approval-rows.ts'
import { etagOf } from './rejected.ts'

export interface SubmitFacts {
  readonly skillName: string
  readonly submittedBy: string
  readonly reviewers: readonly string[]
  readonly comments: string | null
}

/** Asks for a skill, as it is now, to be approved. Needs write on it. Answers the id of the approval. */
export async function submitApproval(deps: SkillDeps, context: CallContext, facts: SubmitFacts): Promise<string> {
  const { skill } = await usableSkill(deps, context, facts.skillName)
  requireOneself(deps, context, skill.tree, 'submitted_by', facts.submittedBy)
  const at = directoryOf(skill)
  const question = { path: at.path, access: 'write' } as const
  if (!(await deps.guard.allows(context, at.tree, 'skills_submit_approval', question)))
    throw deps.guard.denial(context, 'skills_submit_approval', question)
  const approval = {
    tenant: skill.tree,
    approvalId: uuidv7(),
    nodeId: skill.nodeId,
    skillName: skill.name,
    etag: etagOf(await skillDirectory(deps, context, skill)),
    status: 'pending',
    submittedBy: facts.submittedBy,
    submittedAt: context.now,
    reviewers: facts.reviewers,
    comments: facts.comments,
    reviewedBy: null,
    reviewerType: null,
    reviewedAt: null,
    reviewComments: null,
  } as const
  const audit = auditRow(context, 'skills_submit_approval', at.path, {
    tenant: skill.tree,
    detail: { approval_id: approval.approvalId, submitted_by: facts.submittedBy },
  })
  const { deadline } = context.scope
  await deps.db.write('submitApproval', { approval, audit }, { group: skill.tree, deadline })
  return approval.approvalId
}

export interface ReviewFacts {
  readonly approvalId: string
  readonly reviewedBy: string
  readonly reviewerType: string
  readonly comments: string | null
  readonly verdict: 'approved' | 'rejected'
}

/**
 * Approves or rejects a skill as it was submitted. Needs `approve` on the skill.
 * @throws NexusError VALIDATION_FAILED, ACCESS_DENIED, CONFLICT if the skill has changed since
 */
export async function reviewApproval(deps: SkillDeps, context: CallContext, facts: ReviewFacts): Promise<void> {
  const { approvalId, reviewedBy, reviewerType, verdict } = facts
  const { deadline } = context.scope
  const action = verdict === 'approved' ? 'skills_approve' : 'skills_reject'
  const approval = await deps.db.read(() => readApproval(treesOf(context), approvalId), { deadline })
  if (approval === null || !(await concerns(deps, context, [approval]))[0]) throw notFound(approvalId)
  const { path, tenant } = approval
  if (path === null) throw new NexusError('VALIDATION_FAILED', `The skill '${approval.skillName}' was deleted.`)
  requireOneself(deps, context, tenant, 'reviewed_by', reviewedBy)
  if (!(await mayApprove(deps, context, [approval]))[0]) throw denied(deps, context, action, parentPath(path))
  if (approval.status !== 'pending') throw decided(approval)
  if (verdict === 'approved') await requireUnchanged(deps, context, approval, path)
  const audit = auditRow(context, action, parentPath(path), {
    tenant,
    detail: { approval_id: approvalId, reviewed_by: reviewedBy },
  })
  const review = { tenant, approvalId, status: verdict, reviewedBy, reviewerType, reviewedAt: context.now }
  const request = { ...review, reviewComments: facts.comments, audit }
  if (await deps.db.write('reviewApproval', request, { group: tenant, deadline })) return
  throw decided((await deps.db.read(() => readApproval(treesOf(context), approvalId), { deadline })) ?? approval)
}

/** The approvals that concern the caller: who submitted or is to review them, or may write or approve the skill. */
export async function listApprovals(
  deps: SkillDeps,
  context: CallContext,
  filter: { readonly status: ApprovalStatus | undefined; readonly skillName: string | undefined },
): Promise<readonly PlacedApproval[]> {
  const { status = '', skillName = '' } = filter
  const { deadline } = context.scope
  const all = await deps.db.read(() => listApprovalRows(treesOf(context), status, skillName.normalize('NFC')), {
    deadline,
  })
  const visible = await concerns(deps, context, all)
  return all.filter((_, index) => visible[index] === true)
}

function treesOf({ caller }: CallContext): readonly [string, string] {
  return [caller.tenant, SERVER_TREE]
}

async function concerns(
  deps: SkillDeps,
  context: CallContext,
  approvals: readonly PlacedApproval[],
): Promise<readonly boolean[]> {
  const ids = idsOf(context)
  const named = approvals.map(
    ({ tenant, submittedBy, reviewers }) =>
      tenant === context.caller.tenant && (ids.has(submittedBy) || reviewers.some((id) => ids.has(id))),
  )
  const open = approvals.filter((_, index) => named[index] !== true)
  const [writes, approves] = await Promise.all([mayWrite(deps, context, open), mayApprove(deps, context, open)])
  const allowed = new Set(open.filter((_, index) => writes[index] === true || approves[index] === true))
  return approvals.map((approval, index) => named[index] === true || allowed.has(approval))
}

function mayWrite(
  deps: SkillDeps,
  context: CallContext,
  approvals: readonly PlacedApproval[],
): Promise<readonly boolean[]> {
  return byTree(approvals, (tree, some) => {
    if (deps.guard.bypasses(context, tree)) return Promise.resolve(some.map(() => true))
    const questions = some.map(({ path }) => ({ path: parentPath(path ?? '/'), access: 'write' }) as const)
    return deps.guard.ask(context, tree, questions)
  })
}

function mayApprove(
  deps: SkillDeps,
  context: CallContext,
  approvals: readonly PlacedApproval[],
): Promise<readonly boolean[]> {
  return byTree(approvals, async (tree, some) => {
    if (tree === SERVER_TREE)
      return await deps.guard.ask(
        context,
        tree,
        some.map(() => ({ path: '/skill', access: 'write' })),
      )
    if (deps.guard.bypasses(context, tree)) {
      if (some.length > 0) deps.guard.noteBypass(context, 'skills_approve', parentPath(some[0]?.path ?? '/'))
      return some.map(() => true)
    }
    const objects = some.map(({ path }) => ({
      objectType: 'skill',
      objectId: parentPath(path ?? '/'),
      relation: 'approve',
    }))
    return await deps.guard.holds(context, tree, objects)
  })
}

/** Asks about each tree by itself; a skill in the trash is nobody's. The answers are in the order of the approvals. */
async function byTree(
  approvals: readonly PlacedApproval[],
  ask: (tree: string, some: readonly PlacedApproval[]) => Promise<readonly boolean[]>,
): Promise<readonly boolean[]> {
  const allowed = new Set<PlacedApproval>()
  for (const tree of new Set(approvals.map(({ tenant }) => tenant))) {
    const some = approvals.filter(({ tenant, path }) => tenant === tree && path !== null)
    const answers = await ask(tree, some)
    for (const [index, approval] of some.entries()) if (answers[index] === true) allowed.add(approval)
  }
  return approvals.map((approval) => allowed.has(approval))
}

/** Nobody signs with another's name; administrators may, who act for others. */
function requireOneself(deps: SkillDeps, context: CallContext, tree: string, parameter: string, name: string): void {
  if (idsOf(context).has(name) || deps.guard.bypasses(context, tree)) return
  const { caller } = context
  if (tree === SERVER_TREE && caller.isGlobalAdmin && caller.agentId === null) return
  throw new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${caller.subject.id}' cannot act as '${name}' (parameter '${parameter}')`,
  )
}

function idsOf({ caller }: CallContext): ReadonlySet<string> {
  return new Set([caller.subject.id, `${caller.subject.type}:${caller.subject.id}`])
}

async function requireUnchanged(
  deps: SkillDeps,
  context: CallContext,
  approval: PlacedApproval,
  path: string,
): Promise<void> {
  // Who approves need not be able to read it here: what is compared are hashes.
  const etag = etagOf(await filesIn(deps, context, directoryOf({ tree: approval.tenant, path })))
  if (etag === approval.etag) return
  throw new NexusError(
    'CONFLICT',
    `The skill '${approval.skillName}' has changed since it was submitted; it has to be submitted again.`,
    { data: { path: parentPath(path), expected_etag: approval.etag, current_etag: etag } },
  )
}

function notFound(approvalId: string): NexusError {
  return new NexusError('VALIDATION_FAILED', `Approval not found: ${approvalId}`)
}

function decided({ approvalId, status }: PlacedApproval): NexusError {
  return new NexusError('VALIDATION_FAILED', `Approval ${approvalId} is ${status} already.`)
}

function denied(deps: SkillDeps, context: CallContext, action: string, path: string): NexusError {
  deps.guard.noteDenial(context, action, path)
  return new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${context.caller.subject.id}' does not have APPROVE permission for '${path}'`,
  )
}
