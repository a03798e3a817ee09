import { all, type Script } from '../../../common/sql/script.ts'
import type { Share, SharesRequest } from '../contract.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow, toRelationships } from '../rows.ts'

// The index relationships_shares is one of rows whose subject is foreign: the statement must say that its are.
const SHARES = `select tenant, ${RELATIONSHIP_COLUMNS} from relationships
  where subject_tenant = $1 and subject_tenant <> '' and subject_type = $2 and subject_id = $3 and subject_relation = ''
    and (tenant, id) > ($4, $5) and (expires_at is null or expires_at > $6)
  order by tenant, id limit $7`

/** RelationshipStore.readShares. */
export function* readShares({ subject, after, limit, now }: SharesRequest): Script<readonly Share[]> {
  const rows = yield* all<RelationshipRow & { tenant: string }>(
    SHARES,
    subject.tenant,
    subject.type,
    subject.id,
    after?.tenant ?? '',
    after?.id ?? '',
    now,
    limit,
  )
  const bare: RelationshipRow[] = []
  for (const { tenant: _, ...row } of rows) bare.push(row)
  return toRelationships(bare).map((relationship, at) => ({ tenant: rows[at]?.tenant ?? '', relationship }))
}
