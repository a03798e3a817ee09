import { v7 as uuidv7 } from 'uuid'
import { hashKey, makeKey } from './key-format.ts'
import type { KeyRecord } from './key-record.ts'

/** A key that was just made. `key` is the only copy of it: what is stored is its hash. */
export interface NewKey {
  readonly key: string
  readonly record: KeyRecord
}

/** Makes a key for somebody. */
export function newKey(facts: Omit<KeyRecord, 'keyId' | 'keyHash' | 'revokedAt'>): NewKey {
  const key = makeKey(facts)
  return { key, record: { ...facts, keyId: uuidv7(), keyHash: hashKey(key), revokedAt: null } }
}
