import { createRequire } from 'node:module'
import type * as Crypto from 'node:crypto'

const KEY_BYTES = 16

/**
 * s3rver enciphers the tokens by which a list of keys goes on with DES, which the OpenSSL of today's Node does not have:
 * without it every list of more than 1,000 keys fails. It is given AES in its place; nothing depends on the cipher.
 */
export function giveS3rverACipher(): void {
  // What s3rver requires; imports of node:crypto keep their own.
  const crypto = createRequire(import.meta.url)('crypto') as {
    -readonly [K in keyof typeof Crypto]: (typeof Crypto)[K]
  }
  const { createCipheriv, createDecipheriv } = crypto
  const longer = (bytes: unknown): Buffer => Buffer.concat([Buffer.from(bytes as Uint8Array)], KEY_BYTES)
  crypto.createCipheriv = ((name: string, key: unknown, iv: unknown, options: undefined) =>
    name === 'des'
      ? createCipheriv('aes-128-ctr', longer(key), longer(iv))
      : createCipheriv(name, key as Crypto.CipherKey, iv as Crypto.BinaryLike, options)) as typeof createCipheriv
  crypto.createDecipheriv = ((name: string, key: unknown, iv: unknown, options: undefined) =>
    name === 'des'
      ? createDecipheriv('aes-128-ctr', longer(key), longer(iv))
      : createDecipheriv(name, key as Crypto.CipherKey, iv as Crypto.BinaryLike, options)) as typeof createDecipheriv
}
