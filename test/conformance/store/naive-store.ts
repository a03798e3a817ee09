import { isDeepStrictEqual } from 'node:util'
import type { ErrorReason } from '../../../services/common/errors/catalogue.ts'
import {
  isExpired,
  type Relationship,
  type RelationshipKey,
  relationshipKeyText,
} from '../../../services/rebac/model/relationship.ts'
import type { Filter, NewRelationship, Operation } from '../../../services/rebac/store/contract.ts'

/** What is remembered of a relationship: everything but its id. */
export type NaiveRow = NewRelationship & { readonly createdAt: number }

export type NaiveAnswer =
  | { readonly reason: ErrorReason }
  | {
      readonly revision: number
      readonly written: readonly NaiveRow[]
      readonly deletedCount: number
      readonly changed: number
    }

/** One tenant of a store, in the plainest words: a map that is copied for each write. */
export class NaiveStore {
  #rows = new Map<string, NaiveRow>()
  revision = 0

  rows(now: number): readonly NaiveRow[] {
    return [...this.#rows.values()].filter((row) => !isExpired(row, now))
  }

  write(operations: readonly Operation[], now: number): NaiveAnswer {
    const next = new Map([...this.#rows].filter(([, row]) => !isExpired(row, now)))
    const seen = new Set<string>()
    const written: NaiveRow[] = []
    let [deletedCount, changed] = [0, 0]
    for (const operation of operations) {
      const key = relationshipKeyText('key' in operation ? operation.key : operation.relationship)
      if (seen.has(key)) return { reason: 'DUPLICATE_KEY_IN_REQUEST' }
      seen.add(key)
      const row = next.get(key)
      if ('key' in operation) {
        if (row === undefined && operation.kind === 'delete') return { reason: 'RELATIONSHIP_NOT_FOUND' }
        if (row === undefined) continue
        next.delete(key)
        deletedCount++
        changed++
        continue
      }
      if (row !== undefined && operation.kind === 'create') return { reason: 'RELATIONSHIP_EXISTS' }
      const after = { ...operation.relationship, createdAt: row?.createdAt ?? now }
      if (!isDeepStrictEqual(row, after)) changed++
      next.set(key, after)
      written.push(after)
    }
    if (changed > 0) this.#commit(next)
    return { revision: this.revision, written, deletedCount, changed }
  }

  deleteMatching(filter: Filter, now: number): NaiveAnswer {
    const gone = this.rows(now).filter((row) => matches(row, filter))
    const next = new Map(this.#rows)
    for (const row of gone) next.delete(relationshipKeyText(row))
    if (gone.length > 0) this.#commit(next)
    return { revision: this.revision, written: [], deletedCount: gone.length, changed: gone.length }
  }

  #commit(rows: Map<string, NaiveRow>): void {
    this.#rows = rows
    this.revision++
  }
}

export function matches(row: RelationshipKey, filter: Filter): boolean {
  return (
    (filter.objectType ?? row.objectType) === row.objectType &&
    (filter.objectId ?? row.objectId) === row.objectId &&
    row.objectId.startsWith(filter.objectIdPrefix ?? '') &&
    (filter.relations?.includes(row.relation) ?? true) &&
    (filter.subjectTenant ?? row.subjectTenant) === row.subjectTenant &&
    (filter.subjectType ?? row.subjectType) === row.subjectType &&
    (filter.subjectId ?? row.subjectId) === row.subjectId &&
    row.subjectId.startsWith(filter.subjectIdPrefix ?? '') &&
    (filter.subjectRelation ?? row.subjectRelation) === row.subjectRelation
  )
}

/** A stored relationship without what a naive store does not know. */
export function withoutId(row: Relationship): NaiveRow {
  const { id, ...rest } = row
  return id === '' ? row : rest
}
