import { NexusError } from '../../../common/errors/nexus-error.ts'
import { relationshipKeyText } from '../../model/relationship.ts'
import type { Schema } from '../../schema/schema.ts'
import { isDerivedRelationship, validateRelationship } from '../../schema/validate.ts'
import type { Operation } from '../../store/contract.ts'
import { within } from '../parse/fields.ts'
import { normalizeKey } from './normalize.ts'

/**
 * The operations as they are stored under a schema: ids in their one form, and without the relationships that hold
 * anyway. Deleting needs no schema, so that what is not accepted any more can be removed.
 * @throws NexusError of validateRelationship, DUPLICATE_KEY_IN_REQUEST
 */
export function acceptOperations(schema: Schema, operations: readonly Operation[]): Operation[] {
  const seen = new Set<string>()
  return operations.flatMap((operation, index) =>
    within(`operations[${index}]`, () => {
      const accepted = acceptOperation(schema, operation)
      const key = relationshipKeyText('key' in accepted ? accepted.key : accepted.relationship)
      if (seen.has(key)) {
        throw new NexusError('DUPLICATE_KEY_IN_REQUEST', 'Another operation of the request has the same relationship.')
      }
      seen.add(key)
      return 'relationship' in accepted && isDerivedRelationship(schema, accepted.relationship) ? [] : [accepted]
    }),
  )
}

function acceptOperation(schema: Schema, operation: Operation): Operation {
  if ('key' in operation) return { ...operation, key: normalizeKey(schema, operation.key) }
  const relationship = normalizeKey(schema, operation.relationship)
  validateRelationship(schema, relationship)
  return { ...operation, relationship }
}
