import { all, first, type Script } from '../../../services/common/sql/script.ts'

export const APPROVAL_STATES = ['pending', 'approved', 'rejected'] as const
export type ApprovalStatus = (typeof APPROVAL_STATES)[number]

/** A request to approve a skill as it was at one moment, and what became of it. Times are milliseconds since 1970. */
export interface Approval {
  readonly tenant: string
  readonly approvalId: string
  /** Of the SKILL.md. */
  readonly nodeId: string
  readonly skillName: string
  /** Over everything in the skill's directory. */
  readonly etag: string
  readonly status: ApprovalStatus
  readonly submittedBy: string
  readonly submittedAt: number
  readonly reviewers: readonly string[]
  readonly comments: string | null
  readonly reviewedBy: string | null
  readonly reviewerType: string | null
  readonly reviewedAt: number | null
  readonly reviewComments: string | null
}

interface ApprovalRow {
  readonly tenant: string
  readonly approval_id: string
  readonly node_id: string
  readonly skill_name: string
  readonly etag: string
  readonly status: ApprovalStatus
  readonly submitted_by: string
  readonly submitted_at: number
  readonly reviewers: string
  readonly comments: string | null
  readonly reviewed_by: string | null
  readonly reviewer_type: string | null
  readonly reviewed_at: number | null
  readonly review_comments: string | null
}

/** An approval with the place of its skill; null for one that is in the trash. */
export interface PlacedApproval extends Approval {
  readonly path: string | null
}

const PLACED = `select a.*, s.path from skill_approvals a
left join skills s on s.tenant = a.tenant and s.node_id = a.node_id`

/** One of the approvals of some trees. */
export function* readApproval(trees: readonly [string, string], approvalId: string): Script<PlacedApproval | null> {
  const row = yield* first<ApprovalRow & { path: string | null }>(
    `${PLACED} where a.approval_id = $3 and a.tenant in ($1, $2)`,
    ...trees,
    approvalId,
  )
  return row === undefined ? null : { ...fromRow(row), path: row.path }
}

/** The approvals of some trees, the newest first; '' takes every status and name. */
export function* listApprovalRows(
  trees: readonly [string, string],
  status: string,
  skillName: string,
): Script<readonly PlacedApproval[]> {
  const rows = yield* all<ApprovalRow & { path: string | null }>(
    `${PLACED} where a.tenant in ($1, $2) and ($3 = '' or a.status = $3) and ($4 = '' or a.skill_name = $4)
order by a.submitted_at desc, a.approval_id desc`,
    ...trees,
    status,
    skillName,
  )
  return rows.map((row) => ({ ...fromRow(row), path: row.path }))
}

/** The last approval of a skill; null if it was never submitted. */
export function* lastApproval(tenant: string, nodeId: string): Script<Approval | null> {
  const row = yield* first<ApprovalRow>(
    `select * from skill_approvals where tenant = $1 and node_id = $2
order by submitted_at desc, approval_id desc limit 1`,
    tenant,
    nodeId,
  )
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: ApprovalRow): Approval {
  return {
    tenant: row.tenant,
    approvalId: row.approval_id,
    nodeId: row.node_id,
    skillName: row.skill_name,
    etag: row.etag,
    status: row.status,
    submittedBy: row.submitted_by,
    submittedAt: row.submitted_at,
    reviewers: JSON.parse(row.reviewers) as string[],
    comments: row.comments,
    reviewedBy: row.reviewed_by,
    reviewerType: row.reviewer_type,
    reviewedAt: row.reviewed_at,
    reviewComments: row.review_comments,
  }
}
