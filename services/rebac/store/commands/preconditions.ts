import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Dialect } from '../../../common/sql/dialect.ts'
import { first, type Script } from '../../../common/sql/script.ts'
import type { WriteRequest } from '../contract.ts'
import { matching, Parameters } from '../filter.ts'

/** @throws NexusError PRECONDITION_FAILED naming the first that does not hold */
export function* checkPreconditions(
  dialect: Dialect,
  { tenant, preconditions, now }: Pick<WriteRequest, 'tenant' | 'preconditions' | 'now'>,
): Script<void> {
  for (const [index, { kind, filter }] of preconditions.entries()) {
    const parameters = new Parameters()
    const condition = matching(dialect, parameters, tenant, filter, now)
    const found = yield* first(`select id from relationships where ${condition} limit 1`, ...parameters.values)
    if ((found !== undefined) === (kind === 'mustMatch')) continue
    const problem = kind === 'mustMatch' ? 'no relationship matches it' : 'a relationship matches it'
    throw new NexusError('PRECONDITION_FAILED', `Precondition ${index + 1} does not hold: ${problem}.`, {
      data: { precondition: index },
    })
  }
}
