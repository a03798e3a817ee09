import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { PermissionService } from '../../gateway/permissions/rebac-permissions.ts'

/** What becomes of the change with which the permissions go away: it never arrives, or its answer does not. */
export type LastChange = 'lost' | 'made'

const CHANGES: ReadonlySet<string | symbol> = new Set(['write', 'deleteMatching', 'move'])

/** Permissions that a gateway loses in the middle of what it changes there, as if it were killed at that moment. */
export class DyingPermissions {
  #left = Number.POSITIVE_INFINITY
  #last: LastChange = 'lost'
  #died: (() => void) | undefined

  /** Lets so many changes through; resolves when there is one more, and from then on none goes through. */
  dieAfter(changes: number, last: LastChange): Promise<void> {
    this.#left = changes
    this.#last = last
    return new Promise((resolve) => {
      this.#died = resolve
    })
  }

  revive(): void {
    this.#left = Number.POSITIVE_INFINITY
  }

  /** To be put between a gateway and its permissions. */
  between = (inner: PermissionService): PermissionService =>
    new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        const call = value.bind(target) as (...given: unknown[]) => Promise<unknown>
        return CHANGES.has(name) ? (...given: unknown[]) => this.#change(() => call(...given)) : call
      },
    })

  async #change(call: () => Promise<unknown>): Promise<unknown> {
    if (this.#left-- > 0) return await call()
    if (this.#left === -1 && this.#last === 'made') await call()
    this.#died?.()
    throw new NexusError('UNAVAILABLE', 'the gateway is dead')
  }
}
