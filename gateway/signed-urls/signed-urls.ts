import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Caller } from '../context.ts'
import type { GatewayDatabase } from '../store/open-store.ts'

/** URLs by which one file can be downloaded without a key, for a while, with the rights that their maker has then. */
export interface SignedUrls {
  /** The URL, from the root of this server. `expiresAt` in milliseconds since 1970. */
  sign(caller: Caller, path: string, expiresAt: number): Promise<string>
  /** Whose URL it is. @throws NexusError UNAUTHENTICATED if it is none of ours, of another file, or has expired */
  open(token: string, path: string, now: number): Promise<Caller>
}

interface Grant {
  readonly caller: Caller
  readonly path: string
  readonly expiresAt: number
}

/** Signs with a key that is made once and kept in the database. */
export function createSignedUrls(db: GatewayDatabase): SignedUrls {
  let known: string | undefined
  const mac = async (body: string): Promise<Buffer> => {
    known ??= await db.write('keepDownloadKey', randomBytes(32).toString('hex'), { group: 'keys' })
    return createHmac('sha256', Buffer.from(known, 'hex')).update(body).digest()
  }
  return {
    async sign(caller, path, expiresAt) {
      const grant: Grant = { caller, path, expiresAt }
      const body = Buffer.from(JSON.stringify(grant)).toString('base64url')
      const token = `${body}.${(await mac(body)).toString('base64url')}`
      return `/api/files${path.split('/').map(encodeURIComponent).join('/')}?token=${token}`
    },

    async open(token, path, now) {
      const [body = '', signature = ''] = token.split('.')
      const given = Buffer.from(signature, 'base64url')
      const expected = await mac(body)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw refused()
      // Nobody else can have signed it, so it is what was put in.
      const grant = JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Grant
      if (grant.path !== path || grant.expiresAt <= now) throw refused()
      return grant.caller
    },
  }
}

function refused(): NexusError {
  return new NexusError('UNAUTHENTICATED', 'This download URL is wrong or has expired.')
}
