import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { CheckBulkRequest } from '../../../common/gen/nexus/rebac/v1/check.ts'
import { Undecided } from '../check/answer-run.ts'
import type { Question } from '../check/question.ts'
import { MAX_ITEMS } from '../limits.ts'
import { requireAtMost } from './fields.ts'
import { parseQuestion } from './question.ts'
import { parseAlsoAs } from './scope.ts'

/**
 * The questions of a bulk request; one that is malformed fails alone.
 * @throws NexusError TOO_MANY_OPERATIONS, INVALID_REQUEST and what concerns all of them
 */
export function parseBulkQuestions(request: CheckBulkRequest, tenant: string): (Question | Undecided)[] {
  const { items, resolveInheritance } = request
  if (items.length === 0) throw new NexusError('INVALID_REQUEST', 'items is empty.')
  requireAtMost(items, MAX_ITEMS, 'items')
  const alsoAs = parseAlsoAs(request.alsoAs, tenant)
  return items.map((item) => {
    try {
      return parseQuestion(item, tenant, alsoAs, resolveInheritance)
    } catch (error) {
      return new Undecided(error)
    }
  })
}
