import { hashKey } from './key-format.ts'

/**
 * Keys of the demo. The first is the one of the original demo, so that its clients need no change. Everybody knows
 * them: production neither makes nor accepts them.
 */
export const demoKeys = {
  admin: 'sk-default_admin_dddddddd_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee',
  alice: 'sk-default_alice_aaaaaaaa_11111111111111111111111111111111',
  untrustedAgent: 'sk-default_admin,Untrus_bbbbbbbb_22222222222222222222222222222222',
} as const

export const wellKnownKeys: ReadonlySet<string> = new Set(Object.values(demoKeys))

/** What production refuses, as the database knows keys. */
export const refusedHashes: ReadonlySet<string> = new Set([...wellKnownKeys].map(hashKey))
