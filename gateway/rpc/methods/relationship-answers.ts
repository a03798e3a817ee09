import type { RelationshipRow } from '../../permissions/contract.ts'
import { columnConfigOf, writtenObjectId, writtenSubjectId } from '../../relationships/relationship-row.ts'
import { isoTime } from '../special-values.ts'

/** A relationship as rebac_list_tuples answers it. */
export function presentRow(row: RelationshipRow, graph: string) {
  const columns = columnConfigOf(row)
  return {
    tuple_id: row.id,
    subject_type: row.subject.type,
    subject_id: writtenSubjectId(row),
    subject_relation: row.subject.relation === '' ? null : row.subject.relation,
    relation: row.relation,
    object_type: row.objectType,
    object_id: writtenObjectId(row),
    created_at: isoTime(row.createdAt),
    expires_at: row.expiresAt === null ? null : isoTime(row.expiresAt),
    tenant_id: graph,
    ...(row.subject.tenant === '' ? {} : { subject_tenant_id: row.subject.tenant }),
    ...(row.conditionName === '' ? {} : { conditions: row.conditionContext ?? {} }),
    ...(columns === null ? {} : { column_config: columns }),
  }
}
