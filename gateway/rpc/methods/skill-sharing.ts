import { z } from 'zod'
import { APPROVAL_STATES } from '../../skills/approvals/approval-rows.ts'
import type { Skills } from '../../skills/skills.ts'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, line, optional, text, withDefault } from '../parameters.ts'
import { presentApproval } from './skill-answers.ts'

const PDF = '/tenant:default/user:admin/skill/pdf/'
const skillPath = line.min(1)
const person = line.min(1).max(255)
const comments = optional(text.max(10_000))
const SUBMIT = ['skills_submit_approval', { skill_name: 'xlsx', submitted_by: 'admin', reviewers: ['alice'] }] as const

/** Who uses, reads and approves skills (nexus-api.md 5.2). */
export function skillSharingMethods(skills: Skills): Method[] {
  const common = { cacheControl: CACHE.none }
  const ofPath = z.strictObject({ skill_path: skillPath, context: ignored })
  const shareOfPath = z.strictObject({ skill_path: skillPath, share_with: line.min(1), context: ignored })
  return [
    defineMethod({
      ...common,
      name: 'skills_subscribe',
      params: ofPath,
      docs: { summary: "Chooses a skill for the caller's prompts", example: { params: { skill_path: PDF } } },
      async handle({ skill_path }, context) {
        const isNew = await skills.subscribe(context, skill_path)
        return { success: true, skill_path, already_subscribed: !isNew }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_unsubscribe',
      params: ofPath,
      docs: { summary: 'Takes the choice of a skill back', example: { params: { skill_path: PDF } } },
      async handle({ skill_path }, context) {
        return { success: true, skill_path, was_subscribed: await skills.unsubscribe(context, skill_path) }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_share',
      params: shareOfPath,
      docs: {
        summary: 'Lets everybody, the tenant, or a user, agent or group read a skill with its files',
        example: { params: { skill_path: PDF, share_with: 'user:alice' } },
      },
      async handle({ skill_path, share_with }, context) {
        return { success: true, tuple_id: await skills.share(context, skill_path, share_with), skill_path, share_with }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_unshare',
      params: shareOfPath,
      docs: {
        summary: 'Takes back what skills_share gave',
        example: {
          before: [['skills_share', { skill_path: PDF, share_with: 'public' }]],
          params: { skill_path: PDF, share_with: 'public' },
        },
      },
      async handle({ skill_path, share_with }, context) {
        return { success: await skills.unshare(context, skill_path, share_with), skill_path, share_with }
      },
    }),
    defineMethod({
      ...common,
      name: 'skills_submit_approval',
      params: z.strictObject({
        skill_name: line.min(1),
        submitted_by: person,
        reviewers: withDefault(z.array(person).max(100), []),
        comments,
        context: ignored,
      }),
      docs: { summary: 'Asks for a skill, as it is now, to be approved', example: { params: SUBMIT[1] } },
      async handle({ skill_name: skillName, submitted_by: submittedBy, reviewers, comments: said }, context) {
        const facts = { skillName, submittedBy, reviewers, comments: said ?? null }
        return {
          approval_id: await skills.submitApproval(context, facts),
          skill_name: skillName,
          submitted_by: submittedBy,
          reviewers,
        }
      },
    }),
    ...(['approved', 'rejected'] as const).map((verdict) => {
      const approves = verdict === 'approved'
      return defineMethod({
        ...common,
        name: approves ? 'skills_approve' : 'skills_reject',
        params: z.strictObject({
          approval_id: line.min(1).max(64),
          reviewed_by: person,
          reviewer_type: withDefault(line.max(64), 'user'),
          comments,
          tenant_id: optional(line),
          context: ignored,
        }),
        docs: {
          summary: approves ? 'Approves a skill as it was submitted' : 'Rejects a skill as it was submitted',
          example: { before: [SUBMIT], params: { approval_id: '<0.approval_id>', reviewed_by: 'admin' } },
        },
        async handle(params, context) {
          requireTenant(context, params.tenant_id)
          const { approval_id: approvalId, reviewed_by: reviewedBy, reviewer_type: reviewerType } = params
          const facts = { approvalId, reviewedBy, reviewerType, comments: params.comments ?? null, verdict }
          await skills.reviewApproval(context, facts)
          return { approval_id: approvalId, reviewed_by: reviewedBy, reviewer_type: reviewerType, status: verdict }
        },
      })
    }),
    defineMethod({
      cacheControl: CACHE.revalidate,
      name: 'skills_list_approvals',
      params: z.strictObject({
        status: optional(z.enum(APPROVAL_STATES)),
        skill_name: optional(line),
        context: ignored,
      }),
      docs: {
        summary: 'Lists the approvals that concern the caller, the newest first',
        example: { before: [SUBMIT], params: { status: 'pending' } },
      },
      async handle({ status, skill_name: skillName }, context) {
        const approvals = (await skills.listApprovals(context, { status, skillName })).map(presentApproval)
        return { approvals, count: approvals.length }
      },
    }),
  ]
}

/** The key says which tenant it is; another one is refused. @throws NexusError ACCESS_DENIED */
function requireTenant({ caller }: CallContext, tenant: string | undefined): void {
  if (tenant === undefined || tenant === caller.tenant) return
  throw new NexusError(
    'ACCESS_DENIED',
    `Access denied: User '${caller.subject.id}' belongs to tenant '${caller.tenant}', not to '${tenant}'`,
  )
}
