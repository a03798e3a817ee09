// Ids come from tenants, so the start value is secret: nobody can prepare ids that all fall on one place.
const SEED = crypto.getRandomValues(new Uint32Array(1))[0]! | 0

const PRIME = 0x9e3779b1

/** What the hash of a text begins with. */
export const HASH_START = SEED

/** The hash with the next four bytes. */
export function extendHash(hash: number, word: number): number {
  const mixed = Math.imul((hash ^ word) + 1, PRIME)
  return mixed ^ (mixed >>> 15)
}

/** The hash of the whole, in bytes. The length comes last, so that the hashes of all prefixes fall out of one pass. */
export function finishHash(hash: number, length: number): number {
  return Math.imul(hash ^ length, 0x85ebca6b)
}
