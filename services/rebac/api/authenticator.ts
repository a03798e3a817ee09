import { hash, timingSafeEqual } from 'node:crypto'
import { NexusError } from '../../common/errors/nexus-error.ts'
import type { ClientSecret } from '../config/client-secrets.ts'

/** Who calls: another service, known by its secret. */
export interface Caller {
  readonly name: string
  readonly readOnly: boolean
  /** null: every tenant. */
  readonly tenants: ReadonlySet<string> | null
}

/** More spellings of right headers than clients have. */
const MAX_KNOWN = 1_000

/** Knows callers by their secrets. How long a wrong one takes tells nothing about the right ones. */
export class Authenticator {
  readonly #callers: readonly { readonly digest: Buffer; readonly caller: Caller }[]
  /** Headers that were right, as they were written: a service sends the same one with every call. */
  readonly #known = new Map<string, Caller>()

  constructor(secrets: readonly ClientSecret[]) {
    this.#callers = secrets.map(({ name, secret, readOnly, tenants }) => ({
      digest: digestOf(secret),
      caller: { name, readOnly, tenants },
    }))
  }

  /**
   * The caller that a header `Bearer <secret>`, or a bare secret, belongs to.
   * @throws NexusError UNAUTHENTICATED
   */
  authenticate(header: string | undefined): Caller {
    if (header === undefined || header === '') {
      throw new NexusError('UNAUTHENTICATED', 'The metadata "authorization: Bearer <secret>" is missing.')
    }
    const known = this.#known.get(header)
    if (known !== undefined) return known
    const digest = digestOf(header.replace(/^bearer +/i, ''))
    let found: Caller | undefined
    // All are compared, whatever was found: the time tells nothing about which one is near.
    for (const { digest: expected, caller } of this.#callers) {
      if (timingSafeEqual(digest, expected)) found ??= caller
    }
    if (found === undefined) throw new NexusError('UNAUTHENTICATED', 'The secret in "authorization" is not known.')
    if (this.#known.size < MAX_KNOWN) this.#known.set(header, found)
    return found
  }
}

/** @throws NexusError TOKEN_NOT_PERMITTED if the caller is restricted to other tenants */
export function requireTenant(caller: Caller, tenant: string): void {
  if (caller.tenants === null || caller.tenants.has(tenant)) return
  throw new NexusError('TOKEN_NOT_PERMITTED', `The secret "${caller.name}" is not valid for the tenant "${tenant}".`)
}

/** @throws NexusError TOKEN_NOT_PERMITTED if the caller may only read, or not this tenant */
export function requireWrite(caller: Caller, tenant: string): void {
  requireTenant(caller, tenant)
  if (!caller.readOnly) return
  throw new NexusError('TOKEN_NOT_PERMITTED', `The secret "${caller.name}" is read-only.`)
}

function digestOf(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
