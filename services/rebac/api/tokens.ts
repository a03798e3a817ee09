import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'
import { NexusError } from '../../common/errors/nexus-error.ts'
import type { StoreIdentity } from '../store/contract.ts'

const VERSION = 1
const TOKEN = 1
const CURSOR = 2
const MAC_BYTES = 16
/** How many tenants' latest tokens are kept; each is about 200 bytes. */
const REMEMBERED_TENANTS = 10_000

/** Where a list goes on, and for which request. */
export interface Cursor {
  readonly revision: number
  readonly position: string
}

/**
 * Makes and reads consistency tokens and cursors: base64url of (version, kind, epoch, tenant, revision[, position,
 * request hash]) and an HMAC by the key of the permission database, so that every replica reads them and nobody else
 * makes them.
 */
export class TokenCodec {
  readonly #identity: StoreIdentity
  /** Made once: from bytes it would be made anew for each token, which costs more than the digest. */
  readonly #key: KeyObject
  readonly #issued = new Map<string, { readonly revision: number; readonly token: string }>()

  constructor(identity: StoreIdentity) {
    this.#identity = identity
    this.#key = createSecretKey(identity.tokenKey)
  }

  /** The token of a tenant's revision. Cheap while the revision stays the same. */
  token(tenant: string, revision: number): string {
    const known = this.#issued.get(tenant)
    if (known?.revision === revision) return known.token
    const token = this.#seal([TOKEN, this.#identity.epoch, tenant, revision])
    if (this.#issued.size >= REMEMBERED_TENANTS) this.#issued.clear()
    this.#issued.set(tenant, { revision, token })
    return token
  }

  /**
   * The revision that a token of this tenant names.
   * @throws NexusError INVALID_TOKEN, TOKEN_EPOCH
   */
  revisionOf(token: string, tenant: string): number {
    const known = this.#issued.get(tenant)
    if (known?.token === token) return known.revision
    const fields = this.#open(token)
    if (fields === null || fields[0] !== TOKEN || typeof fields[3] !== 'number') {
      throw new NexusError('INVALID_TOKEN', 'The consistency token was not issued by this service, or was changed.')
    }
    if (fields[2] !== tenant)
      throw new NexusError('INVALID_TOKEN', 'The consistency token was issued for another tenant.')
    this.#requireEpoch(fields[1], 'token')
    return fields[3]
  }

  /** A cursor that only the same request (by its hash) can continue with. */
  cursor(tenant: string, cursor: Cursor, requestHash: string): string {
    return this.#seal([CURSOR, this.#identity.epoch, tenant, cursor.revision, cursor.position, requestHash])
  }

  /** @throws NexusError INVALID_CURSOR, TOKEN_EPOCH */
  readCursor(text: string, tenant: string, requestHash: string): Cursor {
    const fields = this.#open(text)
    if (fields === null || fields[0] !== CURSOR || fields[2] !== tenant || fields[5] !== requestHash) {
      throw new NexusError('INVALID_CURSOR', 'The cursor was not issued for this request, or was changed.')
    }
    this.#requireEpoch(fields[1], 'cursor')
    const [, , , revision, position] = fields
    if (typeof revision === 'number' && typeof position === 'string') return { revision, position }
    throw new NexusError('INVALID_CURSOR', 'The cursor is of another version of this service.')
  }

  #requireEpoch(epoch: unknown, what: string): void {
    if (epoch === this.#identity.epoch) return
    throw new NexusError('TOKEN_EPOCH', `The ${what} is from before the database was restored or migrated; drop it.`)
  }

  #seal(fields: readonly (string | number)[]): string {
    const body = Buffer.concat([Buffer.of(VERSION), Buffer.from(JSON.stringify(fields), 'utf8')])
    return Buffer.concat([body, this.#mac(body)]).toString('base64url')
  }

  #open(text: string): readonly unknown[] | null {
    if (!/^[\w-]{24,8192}$/.test(text)) return null
    const bytes = Buffer.from(text, 'base64url')
    const body = bytes.subarray(0, -MAC_BYTES)
    if (bytes.toString('base64url') !== text || body[0] !== VERSION) return null
    if (!timingSafeEqual(bytes.subarray(-MAC_BYTES), this.#mac(body))) return null
    const fields: unknown = JSON.parse(body.toString('utf8', 1))
    return Array.isArray(fields) ? fields : null
  }

  #mac(body: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, MAC_BYTES)
  }
}
