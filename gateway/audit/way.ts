import type { PermissionQuestion, PermissionSubject, RelationshipRow } from '../permissions/contract.ts'
import type { ExplainedStep } from '../permissions/insight.ts'

const KINDS = ['own', 'owner', 'group', 'parent', 'share', 'public'] as const
/** Whom a right comes from, and where it stands. */
export type WayKind = (typeof KINDS)[number]

/** By which relationships something was allowed. */
export interface Way {
  /**
   * `own`: a relationship that names the caller on the object itself; otherwise all of these that hold: `owner` (an agent
   * acts by what its owner may), `group` (a group, or everybody with a relation), `parent` (it stands on something above),
   * `share`, `public`.
   */
  readonly by: readonly WayKind[]
  /** From the object to the caller, such as `group:eng#member direct_editor file:/plans`. */
  readonly relationships: readonly string[]
}

/** A way through very many groups is not told to its end. */
const MOST_RELATIONSHIPS = 20

/** The way by which an explanation grants; null if it does not. */
export function wayOf(question: PermissionQuestion, root: ExplainedStep): Way | null {
  if (root.outcome !== 'true') return null
  const rows = granting(root)
  const { subject: caller, objectType, objectId } = question
  const kinds: Readonly<Record<Exclude<WayKind, 'own'>, boolean>> = {
    owner: root.subject.type !== caller.type || root.subject.id !== caller.id,
    group: rows.some(({ subject }) => subject.relation !== '' || subject.type === 'group'),
    parent: rows.some(
      (row) => row.objectType === objectType && row.objectId !== objectId && row.objectType !== 'group',
    ),
    share: rows.some(({ relation }) => relation.startsWith('shared-')),
    public: rows.some(({ subject }) => subject.id === '*'),
  }
  const by = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => kinds[kind])
  return {
    by: by.length === 0 ? ['own'] : by,
    relationships: rows.slice(0, MOST_RELATIONSHIPS).map(rowText),
  }
}

/** The same way, seen from something below the object. */
export function fromAbove({ by, relationships }: Way): Way {
  const kinds = new Set<WayKind>([...by.filter((kind) => kind !== 'own'), 'parent'])
  return { by: KINDS.filter((kind) => kinds.has(kind)), relationships }
}

/** The stored relationships on the branches that grant. */
function granting({ relationship, derived, children }: ExplainedStep): readonly RelationshipRow[] {
  const own = relationship === null || derived ? [] : [relationship]
  const below = children.filter(({ outcome }) => outcome === 'true').flatMap(granting)
  const known = new Set(own.map(({ id }) => id))
  return [...own, ...below.filter(({ id }) => !known.has(id))]
}

function rowText({ subject, relation, objectType, objectId }: RelationshipRow): string {
  return `${subjectText(subject)} ${relation} ${objectType}:${objectId}`
}

function subjectText({ tenant, type, id, relation }: PermissionSubject): string {
  const name = tenant === '' ? `${type}:${id}` : `${type}:tenant:${tenant}/${id}`
  return relation === '' ? name : `${name}#${relation}`
}
