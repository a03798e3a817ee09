import type { SqlValue } from '../../../common/sql/script.ts'
import type { Subtree } from '../../model/subtree.ts'
import { Parameters, prefixEnd } from '../filter.ts'
import { RELATIONSHIP_COLUMNS } from '../rows.ts'

interface PreparedStatement {
  readonly text: string
  readonly values: readonly SqlValue[]
}

/**
 * The ids of the relationships, expired or not, in which an object of either subtree occurs: twice if one occurs as
 * object and one as subject.
 */
export function findSubtrees(tenant: string, objectType: string, one: Subtree, other: Subtree): PreparedStatement {
  const parameters = new Parameters()
  const queries = [one, other].map((subtree) => occurrences(parameters, tenant, objectType, subtree).occurring)
  return { text: queries.join(' union all '), values: parameters.values }
}

/** Deletes every relationship, expired or not, in which an object of a subtree occurs, and returns it. */
export function deleteSubtree(tenant: string, objectType: string, subtree: Subtree): PreparedStatement {
  const parameters = new Parameters()
  const { occurring } = occurrences(parameters, tenant, objectType, subtree)
  const text = `delete from relationships where tenant = $1 and id in (${occurring}) returning ${RELATIONSHIP_COLUMNS}`
  return { text, values: parameters.values }
}

/**
 * Gives the objects of a subtree their ids in another one, wherever they occur in relationships that have not expired,
 * and returns these as they are then.
 */
export function moveSubtree(
  tenant: string,
  objectType: string,
  from: Subtree,
  to: Subtree,
  now: number,
): PreparedStatement {
  const parameters = new Parameters()
  const { occurring, type, root, start, end } = occurrences(parameters, tenant, objectType, from)
  const target = parameters.add(to.id)
  // Both engines count code points, and so does this: the text of a parameter has no type to measure it by in PostgreSQL.
  const rest = parameters.add(Array.from(from.id).length + 1)
  const isIn = (column: string) => `(${column} = ${root} or (${column} >= ${start} and ${column} < ${end}))`
  const moved = (column: string) => `cast(${target} as text) || substr(${column}, cast(${rest} as integer))`
  const text = `update relationships set
      object_id = case when object_type = ${type} and ${isIn('object_id')}
        then ${moved('object_id')} else object_id end,
      subject_id = case when subject_tenant = '' and subject_type = ${type} and ${isIn('subject_id')}
        then ${moved('subject_id')} else subject_id end
    where tenant = $1 and id in (${occurring}) and (expires_at is null or expires_at > ${parameters.add(now)})
    returning ${RELATIONSHIP_COLUMNS}`
  return { text, values: parameters.values }
}

/**
 * A query for the ids of the relationships in which an object of a subtree occurs. Four ranges of two indexes: one
 * condition with "or" would be a scan, and so would be "union", which SQLite merges in the order of ids. Ranges compare
 * by bytes and know no wildcards, as a LIKE does.
 */
function occurrences(parameters: Parameters, tenant: string, objectType: string, { id, separator }: Subtree) {
  const ofTenant = `select id from relationships where tenant = ${parameters.add(tenant)}`
  const type = parameters.add(objectType)
  const root = parameters.add(id)
  const start = parameters.add(id + separator)
  const end = parameters.add(prefixEnd(id + separator))
  const asObject = `${ofTenant} and object_type = ${type} and object_id`
  // The expressions of the index relationships_subject.
  const asSubject = `${ofTenant} and subject_tenant = '' and subject_type || '' = ${type} and subject_id || ''`
  const occurring = [
    `${asObject} = ${root}`,
    `${asObject} >= ${start} and object_id < ${end}`,
    `${asSubject} = ${root}`,
    `${asSubject} >= ${start} and subject_id || '' < ${end}`,
  ].join(' union all ')
  return { occurring, type, root, start, end }
}
