import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TenantView, Work } from './tenant-view.ts'

/** Goes on, from the next turn, with work on a tenant in memory, which stays at its revision until the work ends. */
export async function goOnResident<T>(view: TenantView, work: Work<T>): Promise<T> {
  const unpin = view.pin()
  try {
    for (;;) {
      await nextTurn()
      const step = work.next()
      if (step.done === true) return step.value
    }
  } finally {
    unpin()
  }
}
