import { NexusError } from '../../common/errors/nexus-error.ts'
import type { ErrorReason } from '../../common/errors/catalogue.ts'
import { MAX_ID_BYTES, MAX_NAME_BYTES } from './limits.ts'
import { ANY_SUBJECT_TYPE, WILDCARD_ID } from './relationship.ts'

// A name may not hold what separates names in every notation of this field (type:id#relation, T:*), nor white space.
const forbiddenInNames = /[\p{Cc}\s:#@*]/u
const controlCharacters = /\p{Cc}/u

/** Why this cannot name a type, relation or condition; null if it can. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'is empty'
  if (!name.isWellFormed()) return 'is not valid Unicode'
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`
  if (forbiddenInNames.test(name)) return 'contains white space, a control character or one of : # @ *'
  return null
}

/** Why this cannot be the id of an object; null if it can. */
export function idProblem(id: string): string | null {
  if (id === '') return 'is empty'
  if (id === WILDCARD_ID) return `is "${WILDCARD_ID}", which stands for every object`
  if (!id.isWellFormed()) return 'is not valid Unicode'
  if (id.length > MAX_ID_BYTES || Buffer.byteLength(id) > MAX_ID_BYTES) return `is longer than ${MAX_ID_BYTES} bytes`
  if (controlCharacters.test(id)) return 'contains a control character'
  return null
}

/** @throws NexusError INVALID_OBJECT */
export function validateObjectNames(object: { readonly objectType: string; readonly objectId: string }): void {
  refuse('INVALID_OBJECT', 'The object type', object.objectType, nameProblem(object.objectType))
  refuse('INVALID_OBJECT', 'The object id', object.objectId, idProblem(object.objectId))
}

/** @throws NexusError INVALID_RELATION */
export function validateRelationName(relation: string): void {
  refuse('INVALID_RELATION', 'The relation', relation, nameProblem(relation))
}

/**
 * The form of a subject alone, without regard to a schema.
 * @throws NexusError INVALID_SUBJECT
 */
export function validateSubjectNames(subject: {
  readonly tenant: string
  readonly type: string
  readonly id: string
  readonly relation: string
}): void {
  if (subject.type === ANY_SUBJECT_TYPE) {
    if (subject.id === WILDCARD_ID && subject.relation === '' && subject.tenant === '') return
    throw new NexusError(
      'INVALID_SUBJECT',
      'The subject type "*" stands for any subject and takes no id, relation or tenant.',
    )
  }
  refuse('INVALID_SUBJECT', 'The subject type', subject.type, nameProblem(subject.type))
  if (subject.id !== WILDCARD_ID) refuse('INVALID_SUBJECT', 'The subject id', subject.id, idProblem(subject.id))
  if (subject.relation !== '') {
    refuse('INVALID_SUBJECT', 'The relation of the subject', subject.relation, nameProblem(subject.relation))
    if (subject.id === WILDCARD_ID) throw new NexusError('INVALID_SUBJECT', 'A userset must name one object, not "*".')
  }
  if (subject.tenant !== '' && (subject.relation !== '' || subject.id === WILDCARD_ID)) {
    throw new NexusError('INVALID_SUBJECT', 'A subject of another tenant must be a plain object.')
  }
}

function refuse(reason: ErrorReason, what: string, value: string, problem: string | null): void {
  if (problem === null) return
  throw new NexusError(reason, `${what} ${JSON.stringify(value.slice(0, 80))} ${problem}.`)
}
