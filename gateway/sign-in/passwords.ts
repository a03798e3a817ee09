import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import { Slots } from '../slots.ts'

/** Memory is 128 * N * r bytes: 32 MiB. Three rounds make it as dear as OWASP asks for. */
const COST = { N: 32_768, r: 8, p: 3 } as const
const MAX_MEMORY = 67_108_864
const HASH_BYTES = 32
const SALT_BYTES = 16
const MIN_CHARACTERS = 8
const MAX_BYTES = 1_024
/** Each takes a thread of the pool, which files are read by, too. */
const AT_ONCE = 2

/** What the server keeps of a password, and the comparison with it. */
export interface Passwords {
  /** @throws NexusError BUSY if too many are at work until the deadline */
  hash(password: string, deadline: number): Promise<string>
  /** Whether it is the one; null, where there is none, takes as long. @throws NexusError BUSY */
  matches(password: string, stored: string | null, deadline: number): Promise<boolean>
}

export function createPasswords(): Passwords {
  const slots = new Slots(AT_ONCE, 'sign-ins')
  const nobody = format(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))

  async function derive(password: string, salt: Buffer, deadline: number): Promise<Buffer> {
    await slots.enter(deadline)
    try {
      return await slowly(password, salt)
    } finally {
      slots.leave()
    }
  }

  return {
    async hash(password, deadline) {
      const salt = randomBytes(SALT_BYTES)
      return format(salt, await derive(password, salt, deadline))
    },
    async matches(password, stored, deadline) {
      const [, , , , salt = '', hash = ''] = (stored ?? nobody).split('$')
      const found = await derive(password, Buffer.from(salt, 'base64'), deadline)
      return timingSafeEqual(found, Buffer.from(hash, 'base64')) && stored !== null
    },
  }
}

/** @throws NexusError INVALID_PARAMS */
export function checkNewPassword(password: string): void {
  if ([...password].length < MIN_CHARACTERS)
    throw new NexusError('INVALID_PARAMS', `the password must have at least ${MIN_CHARACTERS} characters`)
  if (Buffer.byteLength(password) > MAX_BYTES)
    throw new NexusError('INVALID_PARAMS', `the password must have at most ${MAX_BYTES} bytes`)
}

/** The same characters are the same password, however a keyboard composes them. */
function slowly(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, { ...COST, maxmem: MAX_MEMORY }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

function format(salt: Buffer, hash: Buffer): string {
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$')
}
