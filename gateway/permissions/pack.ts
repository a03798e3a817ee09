import type { Ask } from './ask.ts'
import type { PermissionQuestion } from './contract.ts'

/** How many questions travel in one item. */
const MAX_ITEM_QUESTIONS = 1_000
/** About how much travels in one item; a message takes several, and the service accepts 16 MiB. */
const MAX_ITEM_BYTES = 512 * 1024
/** Longer ones are no path and no name; they must not break the stream that others wait on. */
const MAX_QUESTION_BYTES = 64 * 1024

/** How many items travel in one message. */
export const MAX_MESSAGE_ITEMS = 10

/** Questions in parts that each fit into an item. */
export function* pack(asks: readonly Ask[]): Generator<readonly Ask[]> {
  let part: Ask[] = []
  let bytes = 0
  for (const ask of asks) {
    const size = questionBytes(ask.question)
    if (part.length > 0 && (part.length === MAX_ITEM_QUESTIONS || bytes + size > MAX_ITEM_BYTES)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(ask)
    bytes += size
  }
  if (part.length > 0) yield part
}

/** Whether a question can be sent at all. */
export function isSendable(question: PermissionQuestion): boolean {
  return questionBytes(question) <= MAX_QUESTION_BYTES
}

/** At most this much on the wire: UTF-8 takes up to three bytes for each unit of a JavaScript string. */
function questionBytes({ objectType, objectId, relation, subject }: PermissionQuestion): number {
  const { tenant, type, id, relation: subjectRelation } = subject
  const units = objectType.length + objectId.length + relation.length + subjectRelation.length
  return 64 + 3 * (units + tenant.length + type.length + id.length)
}
