import type { Dialect } from '../../../common/sql/dialect.ts'
import type { SqlValue } from '../../../common/sql/script.ts'
import type { Part } from '../../model/part.ts'
import { subtreePrefix } from '../../model/part.ts'
import { prefixEnd } from '../filter.ts'
import { RELATIONSHIP_COLUMNS, type RelationshipRow } from '../rows.ts'
import type { KeyedLookup } from './keyed-lookup.ts'

const LIVE = '(expires_at is null or expires_at > $2)'
const OF_OBJECT = 'tenant = $1 and object_type = k.type and object_id = k.id'

/** All relationships of an object, up to a number that says that it has more than it should. */
export function objectLookup(limit: number): KeyedLookup {
  const body = `select ${RELATIONSHIP_COLUMNS} from relationships where ${OF_OBJECT} and ${LIVE} limit ${limit}`
  return { columns: ['type', 'id'], body }
}

/**
 * The relations of an object, also of what has expired: one step of the index for each, however many relationships there
 * are. It names $2 because PostgreSQL wants to know the type of every parameter.
 */
export const RELATIONS_OF_OBJECT: KeyedLookup = {
  columns: ['type', 'id'],
  body: `with recursive found(relation) as (
      select min(relation) from relationships where ${OF_OBJECT}
      union all
      select (select min(relation) from relationships where ${OF_OBJECT} and relation > found.relation)
      from found where found.relation is not null and cast($2 as bigint) is not null
    ) select relation from found where relation is not null`,
}

export const LOOKUP_BY_KEY: KeyedLookup = {
  columns: ['type', 'id', 'relation', 'st', 'si', 'sr', 'sn'],
  body: `select ${RELATIONSHIP_COLUMNS} from relationships where ${OF_OBJECT} and relation = k.relation
    and subject_type = k.st and subject_id = k.si and subject_relation = k.sr and subject_tenant = k.sn and ${LIVE}
    limit 1`,
}

/** A row with its place in the order of a lookup, where no column of its own says it. */
export type PlacedRow = RelationshipRow & { readonly place: SqlValue }

/** A lookup in pages: each page begins after the values that `placeOf` tells of the last row before it. */
export interface PagedLookup extends KeyedLookup {
  readonly placeOf: (row: PlacedRow) => readonly SqlValue[]
}

/** What a part of each paged kind is looked up by: the values that stay, and the place before its first row. */
export interface PagedKey {
  readonly fixed: readonly SqlValue[]
  readonly start: readonly SqlValue[]
}

/** The lookups whose results may have any size, in pages. */
export function pagedLookups(dialect: Dialect, pageSize: number) {
  // The index of subjects says nothing of the order of equal ones. SQLite's rowid is the end of every index.
  const place = { sqlite: 'rowid', postgres: 'id' }[dialect]
  const noPlace = { sqlite: 0, postgres: '' }[dialect]
  const page = (conditions: string, order: string, after: string): string =>
    `select ${RELATIONSHIP_COLUMNS}, ${place} as place from relationships
      where tenant = $1 and ${conditions} and (${order}) > (${after}) and ${LIVE} order by ${order} limit ${pageSize}`
  const rest = 'relation, subject_type, subject_id, subject_relation, subject_tenant'
  const restOf = (row: PlacedRow) => [
    row.relation,
    row.subjectType,
    row.subjectId,
    row.subjectRelation,
    row.subjectTenant,
  ]

  const usersets: PagedLookup = {
    columns: ['type', 'id', 'p'],
    body: page("object_type = k.type and object_id = k.id and subject_relation <> ''", place, 'k.p'),
    placeOf: (row) => [row.place],
  }
  const members: PagedLookup = {
    columns: ['type', 'id', 'relation', 'st', 'si', 'sr', 'sn'],
    // Of an expression, because SQLite drops a column that is constant from the order, and then sorts.
    body: page(
      "object_type = k.type and object_id = k.id and relation = k.relation and subject_relation || '' = ''",
      'subject_type, subject_id, subject_relation, subject_tenant',
      'k.st, k.si, k.sr, k.sn',
    ),
    placeOf: (row) => restOf(row).slice(1),
  }
  const subject: PagedLookup = {
    columns: ['tenant', 'type', 'id', 'sr', 'p'],
    body: page(
      "subject_tenant = k.tenant and subject_type || '' = k.type and subject_id || '' = k.id",
      `subject_relation || '', ${place}`,
      'k.sr, k.p',
    ),
    placeOf: (row) => [row.subjectRelation, row.place],
  }
  const objectsBelow: PagedLookup = {
    columns: ['type', 'tail', 'id', 'relation', 'st', 'si', 'sr', 'sn'],
    body: page(
      'object_type = k.type and object_id < k.tail and object_id >= k.id',
      `object_id, ${rest}`,
      'k.id, k.relation, k.st, k.si, k.sr, k.sn',
    ),
    placeOf: (row) => [row.objectId, ...restOf(row)],
  }
  const subjectsBelow: PagedLookup = {
    columns: ['type', 'tail', 'id', 'sr', 'p'],
    body: page(
      "subject_tenant = '' and subject_type || '' = k.type and subject_id || '' < k.tail and subject_id || '' >= k.id",
      `subject_id || '', subject_relation || '', ${place}`,
      'k.id, k.sr, k.p',
    ),
    placeOf: (row) => [row.subjectId, row.subjectRelation, row.place],
  }
  const below = ({ objectType, objectId, separator }: Part & { kind: 'subtree' }) => {
    const prefix = subtreePrefix(objectId, separator)
    return { fixed: [objectType, prefixEnd(prefix) ?? '\u{10FFFF}'.repeat(2)], prefix }
  }
  return {
    usersets,
    members,
    subject,
    objectsBelow,
    subjectsBelow,
    keys: {
      usersets: ({ objectType, objectId }: Part & { kind: 'object' }): PagedKey => ({
        fixed: [objectType, objectId],
        start: [noPlace],
      }),
      members: ({ objectType, objectId, relation }: Part & { kind: 'members' }): PagedKey => ({
        fixed: [objectType, objectId, relation],
        start: ['', '', '', ''],
      }),
      subject: ({ subjectTenant, subjectType, subjectId }: Part & { kind: 'subject' }): PagedKey => ({
        fixed: [subjectTenant, subjectType, subjectId],
        start: ['', noPlace],
      }),
      objectsBelow: (part: Part & { kind: 'subtree' }): PagedKey => {
        const { fixed, prefix } = below(part)
        return { fixed, start: [prefix, '', '', '', '', ''] }
      },
      subjectsBelow: (part: Part & { kind: 'subtree' }): PagedKey => {
        const { fixed, prefix } = below(part)
        return { fixed, start: [prefix, '', noPlace] }
      },
    },
  }
}
