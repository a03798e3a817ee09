import type { Dialect } from '../../common/sql/dialect.ts'
import type { SqlValue } from '../../common/sql/script.ts'
import type { Filter } from './contract.ts'

/** Collects the values of a statement while its text is put together. */
export class Parameters {
  readonly values: SqlValue[] = []

  /** The placeholder of one more value. */
  add(value: SqlValue): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** A query for the strings of a JSON array. */
export function listQuery(dialect: Dialect, parameter: string): string {
  return dialect === 'sqlite'
    ? `select value from json_each(${parameter})`
    : `select value from json_array_elements_text(cast(${parameter} as json)) as list(value)`
}

/** The condition on `relationships` that a tenant's live relationships match a filter. */
export function matching(
  dialect: Dialect,
  parameters: Parameters,
  tenant: string,
  filter: Filter,
  now: number,
): string {
  const conditions = [
    `tenant = ${parameters.add(tenant)}`,
    `(expires_at is null or expires_at > ${parameters.add(now)})`,
  ]
  const equal = (column: string, value: string | undefined): void => {
    if (value !== undefined) conditions.push(`${column} = ${parameters.add(value)}`)
  }
  const among = (column: string, values: readonly string[] | undefined): void => {
    if (values === undefined) return
    conditions.push(`${column} in (${listQuery(dialect, parameters.add(JSON.stringify(values)))})`)
  }
  const startsWith = (column: string, prefix: string | undefined): void => {
    if (prefix === undefined || prefix === '') return
    conditions.push(`${column} >= ${parameters.add(prefix)}`)
    const end = prefixEnd(prefix)
    if (end !== null) conditions.push(`${column} < ${parameters.add(end)}`)
  }
  among('id', filter.ids)
  equal('object_type', filter.objectType)
  equal('object_id', filter.objectId)
  startsWith('object_id', filter.objectIdPrefix)
  among('relation', filter.relations)
  equal('subject_tenant', filter.subjectTenant)
  // The expressions of the index relationships_subject.
  equal("subject_type || ''", filter.subjectType)
  equal("subject_id || ''", filter.subjectId)
  startsWith("subject_id || ''", filter.subjectIdPrefix)
  equal("subject_relation || ''", filter.subjectRelation)
  return conditions.join(' and ')
}

/** The filter names objects, subjects or ids, so that what it finds is few beside what the tenant has. */
export function isSelective(filter: Filter): boolean {
  return filter.ids !== undefined || filter.objectId !== undefined || filter.subjectId !== undefined
}

/**
 * The first string, in the order of UTF-8 bytes, after all that start with a prefix; null if there is none. That order
 * is the order of code points, so it is the prefix with its last code point advanced. A LIKE would read % and _.
 */
export function prefixEnd(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    if (last === LAST_CODE_POINT) continue
    const next = last + 1 === FIRST_SURROGATE ? LAST_SURROGATE + 1 : last + 1
    return String.fromCodePoint(...points, next)
  }
  return null
}

const LAST_CODE_POINT = 0x10ffff
const FIRST_SURROGATE = 0xd800
const LAST_SURROGATE = 0xdfff
