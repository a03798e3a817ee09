import { first, run, type Script } from '../../../services/common/sql/script.ts'
import { type AuditRow, insertAudit } from '../../audit/commands.ts'
import type { Approval } from '../approvals/approval-rows.ts'

/** Keeps a new approval. */
export function* submitApproval({
  approval,
  audit,
}: {
  readonly approval: Approval
  readonly audit: AuditRow
}): Script<void> {
  yield* run(
    `insert into skill_approvals (tenant, approval_id, node_id, skill_name, etag, status, submitted_by, submitted_at,
  reviewers, comments) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    approval.tenant,
    approval.approvalId,
    approval.nodeId,
    approval.skillName,
    approval.etag,
    approval.status,
    approval.submittedBy,
    approval.submittedAt,
    JSON.stringify(approval.reviewers),
    approval.comments,
  )
  yield* insertAudit(audit)
}

export interface Review
  extends Pick<
    Approval,
    'tenant' | 'approvalId' | 'status' | 'reviewedBy' | 'reviewerType' | 'reviewedAt' | 'reviewComments'
  > {
  readonly audit: AuditRow
}

/** Decides an approval that is pending; false if it is not, any more. */
export function* reviewApproval(review: Review): Script<boolean> {
  const row = yield* first(
    `update skill_approvals set status = $3, reviewed_by = $4, reviewer_type = $5, reviewed_at = $6, review_comments = $7
where tenant = $1 and approval_id = $2 and status = 'pending' returning approval_id`,
    review.tenant,
    review.approvalId,
    review.status,
    review.reviewedBy,
    review.reviewerType,
    review.reviewedAt,
    review.reviewComments,
  )
  if (row === undefined) return false
  yield* insertAudit(review.audit)
  return true
}
