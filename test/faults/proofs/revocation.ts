import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { TestClient } from '../../integration/rebac/support/client.ts'
import { bulkRequest } from '../../integration/rebac/support/wire.ts'
import { Caller } from '../load/caller.ts'
import { revokeAndUse } from '../load/revoke-and-use.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import { REBAC_TOKEN } from '../system/cluster.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const ROUNDS = { fast: 200, full: 10_000 }
const WORKERS = 32
const ALLOWED = 2
const TENANT = 'default'

/** Grants and revokes through one gateway and one replica; uses through another of each, and asks the third replica. */
export const revocationProof: Proof = {
  name: 'revocation',
  promise: 'a revoked permission is denied at once through another gateway and by all other replicas, without a token',
  run: (scale, say) =>
    inSandbox({ engine: 'postgres', rebacs: 3, gateways: 2, say }, (own) => proveRevocation(own, scale)),
}

async function proveRevocation({ cluster, problems }: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const rounds = scale.fast ? ROUNDS.fast : ROUNDS.full
  const granting = new Caller(cluster.gateway(0).address, demoKeys.admin, WORKERS)
  const using = new Caller(cluster.gateway(1).address, demoKeys.alice, WORKERS)
  const third = new TestClient(cluster.rebac(2).address, REBAC_TOKEN)
  const isAllowedElsewhere = async (path: string): Promise<boolean> => {
    const consistency = { requirement: { $case: 'fullyConsistent' as const, value: true } }
    const question = bulkRequest([`user:alice read file:${path}`], { tenant: TENANT, consistency })
    const outcome = (await third.checkBulk(question)).results[0]?.outcome
    if (outcome?.$case !== 'decision') throw new Error(`the third replica does not know about ${path}`)
    return outcome.value === ALLOWED
  }
  const options = { granting, using, rounds, workers: WORKERS, problems, isAllowedElsewhere }
  const { allowed, denied } = await revokeAndUse(options)
  granting.close()
  using.close()
  third.close()
  problems.addAll(cluster.auditLogs())
  return {
    'allowed after the grant, everywhere': `${allowed} of ${rounds}`,
    'denied after the revocation, everywhere': `${denied} of ${rounds}`,
  }
}
