import type { RebacServiceServer } from '../../common/gen/nexus/rebac/v1/service.ts'
import { NexusError } from '../../common/errors/nexus-error.ts'
import { type HandlerOptions, unary } from '../../common/grpc/handlers.ts'
import type { Caller } from './authenticator.ts'

/** Calls of the contract that are still to be built: each says so. */
export function unavailableRpcs(options: HandlerOptions<Caller>) {
  const refuse = (rpc: string) => (): never => {
    throw new NexusError('UNIMPLEMENTED', `${rpc} is not available yet.`)
  }
  return {
    diffSchema: unary('DiffSchema', options, refuse('DiffSchema')),
    listIncomingShares: unary('ListIncomingShares', options, refuse('ListIncomingShares')),
  } satisfies Partial<RebacServiceServer>
}
