import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Precondition as WirePrecondition } from '../../../common/gen/nexus/rebac/v1/write.ts'
import type { RelationshipFilter, SubjectFilter } from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import type { Filter, Precondition } from '../../store/contract.ts'
import { MAX_FILTER_VALUES, MAX_PRECONDITIONS } from '../limits.ts'
import { requireAtMost, within } from './fields.ts'
import { parseTenant } from './tenant.ts'

/** U+0000 cannot be stored, and text that is not well-formed would be changed on its way to the database. */
const UNSTORABLE = /\p{Cc}/u

/**
 * Which relationships; only the fields that are set are in it.
 * @throws NexusError INVALID_REQUEST, INVALID_TENANT, TOO_MANY_OPERATIONS
 */
export function parseFilter(filter: RelationshipFilter | undefined, tenant: string): Filter {
  if (filter === undefined) return {}
  requireAtMost(filter.ids, MAX_FILTER_VALUES, 'filter.ids')
  requireAtMost(filter.relations, MAX_FILTER_VALUES, 'filter.relations')
  const parsed: Filter = {
    ...(filter.ids.length > 0 && { ids: filter.ids }),
    ...(filter.objectType !== '' && { objectType: filter.objectType }),
    ...(filter.objectId !== '' && { objectId: filter.objectId }),
    ...(filter.objectIdPrefix !== '' && { objectIdPrefix: filter.objectIdPrefix }),
    ...(filter.relations.length > 0 && { relations: filter.relations }),
    ...parseSubjectFilter(filter.subject, tenant),
  }
  for (const [field, value] of Object.entries(parsed)) requireStorable(field, value)
  return parsed
}

/** @throws NexusError as parseFilter */
export function parsePreconditions(preconditions: readonly WirePrecondition[], tenant: string): Precondition[] {
  requireAtMost(preconditions, MAX_PRECONDITIONS, 'preconditions')
  return preconditions.map(({ condition }, index) =>
    within(`preconditions[${index}]`, () => {
      if (condition === undefined) throw new NexusError('INVALID_REQUEST', 'must_match or must_not_match must be set.')
      return { kind: condition.$case, filter: parseFilter(condition.value, tenant) }
    }),
  )
}

function parseSubjectFilter(subject: SubjectFilter | undefined, ownTenant: string): Filter {
  if (subject === undefined) return {}
  const { tenant, type, id, idPrefix, relation } = subject
  return {
    ...(tenant !== undefined && { subjectTenant: parseSubjectTenant(tenant, ownTenant) }),
    ...(type !== '' && { subjectType: type }),
    ...(id !== '' && { subjectId: id }),
    ...(idPrefix !== '' && { subjectIdPrefix: idPrefix }),
    ...(relation !== undefined && { subjectRelation: relation }),
  }
}

function parseSubjectTenant(tenant: string, ownTenant: string): string {
  return tenant === '' || tenant === ownTenant ? '' : parseTenant(tenant, 'filter.subject.tenant')
}

function requireStorable(field: string, value: string | readonly string[]): void {
  for (const text of typeof value === 'string' ? [value] : value) {
    if (text.isWellFormed() && !UNSTORABLE.test(text)) continue
    throw new NexusError('INVALID_REQUEST', `filter: ${field} contains a control character or is not valid Unicode.`)
  }
}
