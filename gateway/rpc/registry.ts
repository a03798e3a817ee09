import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { comesLater } from './catalogue.ts'
import { shorten } from './envelope.ts'
import type { Method } from './method.ts'

/** The methods that are served, by name. */
export class MethodRegistry {
  readonly #methods: ReadonlyMap<string, Method>

  constructor(methods: readonly Method[]) {
    this.#methods = new Map(methods.map((method) => [method.name, method]))
    if (this.#methods.size !== methods.length) throw new Error('two methods have the same name')
  }

  /** Sorted. */
  get names(): readonly string[] {
    return [...this.#methods.keys()].sort()
  }

  /** In the order in which they are described. */
  get all(): readonly Method[] {
    return [...this.#methods.values()]
  }

  /** @throws NexusError UNKNOWN_METHOD, UNIMPLEMENTED if clients know it and this server does not serve it yet */
  get(name: string): Method {
    const method = this.#methods.get(name)
    if (method !== undefined) return method
    const what = comesLater(name)
    if (what === undefined) throw new NexusError('UNKNOWN_METHOD', `Unknown method: ${shorten(name)}`)
    throw new NexusError(
      'UNIMPLEMENTED',
      `Method '${name}' is not available in this server yet: ${what} will come later.`,
    )
  }

  has(name: string): boolean {
    return this.#methods.has(name)
  }
}
