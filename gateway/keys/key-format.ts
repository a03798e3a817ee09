import { createHmac, randomBytes } from 'node:crypto'

const HASH_KEY = 'nexus-api-key-v1'
const MIN_LENGTH = 32
const MAX_LENGTH = 256

/** Whether a text can be a key at all; what cannot is refused without looking it up. */
export function isKeyShaped(key: string): boolean {
  return key.startsWith('sk-') && key.length >= MIN_LENGTH && key.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(key)
}

/** What the database keeps of a key. */
export function hashKey(key: string): string {
  return createHmac('sha256', HASH_KEY).update(key).digest('hex')
}

/** A new key: sk-<tenant>_<subject>_<8 hex>_<32 hex>; the readable parts are cut, and only for people. */
export function makeKey(owner: {
  readonly tenant: string
  readonly subjectType: string
  readonly subjectId: string
}): string {
  const subject = readable(owner.subjectId).slice(0, owner.subjectType === 'agent' ? 12 : 8)
  const tenant = readable(owner.tenant).slice(0, 8)
  return `sk-${tenant}_${subject}_${randomBytes(4).toString('hex')}_${randomBytes(16).toString('hex')}`
}

/** A key travels in a header: it keeps to printable ASCII whatever its owner is called. */
function readable(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '-')
}
