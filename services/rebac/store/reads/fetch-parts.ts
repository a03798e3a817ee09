import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Dialect } from '../../../common/sql/dialect.ts'
import type { Script } from '../../../common/sql/script.ts'
import type { FetchedPart, Part } from '../../model/part.ts'
import type { Relationship } from '../../model/relationship.ts'
import { type RelationshipRow, toRelationships } from '../rows.ts'
import { type KeyedLookup, lookUp } from './keyed-lookup.ts'
import {
  LOOKUP_BY_KEY,
  objectLookup,
  type PagedKey,
  type PagedLookup,
  pagedLookups,
  type PlacedRow,
  RELATIONS_OF_OBJECT,
} from './part-lookups.ts'

/** An object with more relationships than this is fetched as an outline. */
export const OUTLINE_FROM = 256
/** Rows of one page of one key. SQLite blocks the event loop for a page, and PostgreSQL may sort all for each page. */
const PAGE: Readonly<Record<Dialect, number>> = { sqlite: 2_000, postgres: 20_000 }

const LOOKUPS = {
  sqlite: pagedLookups('sqlite', PAGE.sqlite),
  postgres: pagedLookups('postgres', PAGE.postgres),
}
const OBJECT = objectLookup(OUTLINE_FROM + 1)

/** TenantSnapshot.parts. */
export function fetchParts(
  dialect: Dialect,
  tenant: string,
  parts: readonly Part[],
  limits: { readonly now: number; readonly maxRelationships: number },
): Script<readonly FetchedPart[]> {
  return new PartFetcher(dialect, tenant, limits).fetch(parts)
}

class PartFetcher {
  readonly #dialect: Dialect
  readonly #tenant: string
  readonly #now: number
  #left: number

  constructor(dialect: Dialect, tenant: string, limits: { readonly now: number; readonly maxRelationships: number }) {
    this.#dialect = dialect
    this.#tenant = tenant
    this.#now = limits.now
    this.#left = limits.maxRelationships
  }

  *fetch(parts: readonly Part[]): Script<readonly FetchedPart[]> {
    const of = <K extends Part['kind']>(kind: K) =>
      parts.filter((part): part is Part & { kind: K } => part.kind === kind)
    const { keys: keyOf, ...lookups } = LOOKUPS[this.#dialect]
    const [members, subjects, subtrees] = [of('members'), of('subject'), of('subtree')]
    const fetched = [...(yield* this.#objects(of('object'))), ...(yield* this.#keys(of('key')))]
    const memberRows = yield* this.#pages(lookups.members, members.map(keyOf.members))
    const subjectRows = yield* this.#pages(lookups.subject, subjects.map(keyOf.subject))
    const objectsBelow = yield* this.#pages(lookups.objectsBelow, subtrees.map(keyOf.objectsBelow))
    const subjectsBelow = yield* this.#pages(lookups.subjectsBelow, subtrees.map(keyOf.subjectsBelow))
    fetched.push(...members.map((part, at) => whole(part, memberRows[at])))
    fetched.push(...subjects.map((part, at) => whole(part, subjectRows[at])))
    fetched.push(
      ...subtrees.map((part, at) => whole(part, [...(objectsBelow[at] ?? []), ...(subjectsBelow[at] ?? [])])),
    )
    return fetched
  }

  *#objects(parts: readonly (Part & { kind: 'object' })[]): Script<readonly FetchedPart[]> {
    const found = yield* this.#lookUp(
      OBJECT,
      parts.map((part) => [part.objectType, part.objectId]),
    )
    const isLarge = (_: unknown, at: number) => (found[at]?.length ?? 0) > OUTLINE_FROM
    const large = parts.filter(isLarge)
    if (large.length === 0) return parts.map((part, at) => whole(part, found[at]))
    const { keys, usersets } = LOOKUPS[this.#dialect]
    const relations = yield* lookUp<{ readonly relation: string }>(
      this.#dialect,
      RELATIONS_OF_OBJECT,
      this.#tenant,
      this.#now,
      large.map((part) => [part.objectType, part.objectId]),
    )
    const rows = yield* this.#pages(usersets, large.map(keys.usersets))
    const outlines = large.map((part, at) => {
      return { ...whole(part, rows[at]), outline: (relations[at] ?? []).map(({ relation }) => relation) }
    })
    const small = parts.flatMap((part, at) => (isLarge(part, at) ? [] : [whole(part, found[at])]))
    return [...small, ...outlines]
  }

  *#keys(parts: readonly (Part & { kind: 'key' })[]): Script<readonly FetchedPart[]> {
    const found = yield* this.#lookUp(
      LOOKUP_BY_KEY,
      parts.map(({ key }) => [
        key.objectType,
        key.objectId,
        key.relation,
        key.subjectType,
        key.subjectId,
        key.subjectRelation,
        key.subjectTenant,
      ]),
    )
    return parts.map((part, at) => whole(part, found[at]))
  }

  *#lookUp(lookup: KeyedLookup, keys: readonly (readonly string[])[]): Script<readonly (readonly Relationship[])[]> {
    const found: (readonly Relationship[])[] = []
    // In chunks, so that what is fetched is counted before there is too much of it.
    for (let from = 0; from < keys.length; from += CHUNK) {
      const chunk = keys.slice(from, from + CHUNK)
      const rows = yield* lookUp<RelationshipRow>(this.#dialect, lookup, this.#tenant, this.#now, chunk)
      for (const ofKey of rows) found.push(this.#taken(ofKey))
    }
    return found
  }

  /** All rows of each key; those that a page has not exhausted are asked again, from there on. */
  *#pages(lookup: PagedLookup, keys: readonly PagedKey[]): Script<readonly (readonly Relationship[])[]> {
    const found: Relationship[][] = keys.map(() => [])
    let open = keys.map(({ fixed, start }, at) => ({ at, fixed, after: start }))
    while (open.length > 0) {
      const unfinished: typeof open = []
      for (let from = 0; from < open.length; from += CHUNK) {
        const chunk = open.slice(from, from + CHUNK)
        const values = chunk.map(({ fixed, after }) => [...fixed, ...after])
        const rows = yield* lookUp<PlacedRow>(this.#dialect, lookup, this.#tenant, this.#now, values)
        for (const [index, one] of chunk.entries()) {
          const page = rows[index] ?? []
          const last = page.at(-1)
          if (last !== undefined && page.length >= PAGE[this.#dialect]) {
            unfinished.push({ ...one, after: lookup.placeOf(last) })
          }
          const bare: RelationshipRow[] = []
          for (const { place: _, ...row } of page) bare.push(row)
          for (const relationship of this.#taken(bare)) found[one.at]?.push(relationship)
        }
      }
      open = unfinished
    }
    return found
  }

  #taken(rows: readonly RelationshipRow[]): readonly Relationship[] {
    this.#left -= rows.length
    if (this.#left >= 0) return toRelationships(rows)
    const message =
      'The tenant is evaluated from the database, and this question needs more of its relationships than fit in memory.'
    throw new NexusError('NODE_BUDGET_EXCEEDED', message)
  }
}

const CHUNK = 100

function whole(part: Part, relationships: readonly Relationship[] | undefined): FetchedPart {
  return { part, relationships: relationships ?? [], outline: null }
}
