import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { Steps } from '../../engine/steps.ts'
import type { Work } from '../../tenants/tenant-view.ts'
import { TURN_MS } from '../limits.ts'

/** How many steps are made between two looks at the clock. */
const CLOCK_STRIDE = 16

/**
 * Makes long work pause after each turn's share of time, so that others run in between.
 * @throws NexusError CANCELLED once nobody waits for it, and what the work throws
 */
export function* inTurns<T>(steps: Steps<T>, isCancelled: () => boolean): Work<T> {
  for (;;) {
    const turnEnd = performance.now() + TURN_MS
    do {
      for (let made = 0; made < CLOCK_STRIDE; made++) {
        const step = steps.next()
        if (step.done === true) return step.value
      }
    } while (performance.now() < turnEnd)
    if (isCancelled()) throw new NexusError('CANCELLED', 'The call was cancelled.')
    yield
  }
}
