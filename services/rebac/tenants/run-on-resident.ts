import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TenantView, Work } from './tenant-view.ts'

/** Runs work on a tenant in memory, which stays at its revision meanwhile. */
export async function runOnResident<T>(view: TenantView, work: Work<T>): Promise<T> {
  const unpin = view.pin()
  try {
    for (;;) {
      const step = work.next()
      if (step.done === true) return step.value
      await nextTurn()
    }
  } finally {
    unpin()
  }
}
