import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { ObjectRef, Subject as WireSubject } from '../../../common/gen/nexus/rebac/v1/relationship.ts'
import type { Subject } from '../../model/relationship.ts'
import type { Question } from '../check/question.ts'
import { parseSubject } from './subject.ts'

/** A question as a request puts it; the schema has its say later. @throws NexusError INVALID_OBJECT, INVALID_SUBJECT */
export function parseQuestion(
  item: {
    readonly object: ObjectRef | undefined
    readonly relation: string
    readonly subject: WireSubject | undefined
  },
  tenant: string,
  alsoAs: readonly Subject[],
  resolveInheritance: boolean,
): Question {
  const { object, relation, subject } = item
  if (object === undefined) throw new NexusError('INVALID_OBJECT', 'The object is not set.')
  return {
    objectType: object.type,
    objectId: object.id,
    relation,
    subject: parseSubject(subject, tenant),
    alsoAs,
    resolveInheritance,
  }
}
