import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { Caller, describe } from '../load/caller.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const ROUNDS = { fast: 200, full: 10_000 }
const WORKERS = 32
const DENIED = -32_004
const ROOT = '/revoked'

/** Grants and revokes through one gateway and one replica, uses through another gateway and another replica. */
export const revocationProof: Proof = {
  name: 'revocation',
  promise: 'a revoked permission is denied at once through another gateway and another replica, without a token',
  run: (scale, say) =>
    inSandbox({ engine: 'postgres', rebacs: 2, gateways: 2, say }, (own) => proveRevocation(own, scale)),
}

async function proveRevocation({ cluster, problems }: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const rounds = scale.fast ? ROUNDS.fast : ROUNDS.full
  const admin = new Caller(cluster.gateway(0).address, demoKeys.admin, WORKERS)
  const alice = new Caller(cluster.gateway(1).address, demoKeys.alice, WORKERS)
  let left = rounds
  let allowed = 0
  let denied = 0
  const work = async (worker: number): Promise<void> => {
    const path = `${ROOT}/${worker}.txt`
    await admin.ok('write', { path, content: path })
    const grant = { subject: ['user', 'alice'], relation: 'direct_viewer', object: ['file', path] }
    while (left-- > 0) {
      const id = await admin.ok<string>('rebac_create', grant)
      const before = await alice.call('read', { path })
      if (before.kind === 'done') allowed += 1
      else problems.add(`after the grant, read ${path} ${describe(before)}`)
      await admin.ok('rebac_delete', { tuple_id: id })
      const after = await alice.call('read', { path })
      if (after.kind === 'refused' && after.code === DENIED) denied += 1
      else problems.add(`after the revocation, read ${path} ${describe(after)}`)
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)))
  admin.close()
  alice.close()
  problems.addAll(cluster.auditLogs())
  return {
    'allowed after the grant': `${allowed} of ${rounds}`,
    'denied after the revocation': `${denied} of ${rounds}`,
  }
}
