/** Somebody who makes the calls. */
export interface WaveUser {
  readonly name: string
  readonly key: string
}

/** A running system, and who talks to it. */
export interface WaveTarget {
  readonly url: string
  readonly admin: WaveUser
  /** An ordinary account, whose answers depend on permissions. */
  readonly alice: WaveUser
}

const DEMO_ADMIN_KEY = 'sk-default_admin_dddddddd_eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'
const DEMO_ALICE_KEY = 'sk-default_alice_aaaaaaaa_11111111111111111111111111111111'

/** The accounts of the demo data, unless others are given. */
export function waveTarget(url: string, adminKey = DEMO_ADMIN_KEY, aliceKey = DEMO_ALICE_KEY): WaveTarget {
  return { url, admin: { name: 'admin', key: adminKey }, alice: { name: 'alice', key: aliceKey } }
}

export function usersOf(target: WaveTarget): readonly WaveUser[] {
  return [target.admin, target.alice]
}
