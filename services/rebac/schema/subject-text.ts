import type { Subject } from '../model/relationship.ts'

/** A subject as one string, equal for equal subjects and for no others; it is also the order of ListSubjects. */
export function subjectText({ tenant, type, id, relation }: Subject): string {
  return [tenant, type, id, relation].join('\u0000')
}
