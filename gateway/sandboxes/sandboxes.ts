import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** @throws NexusError INVALID_PARAMS always: there is nothing that could run a sandbox yet */
export function getOrCreateSandbox(request: { readonly name: string; readonly provider: string | undefined }): never {
  const asked = request.provider === undefined ? '' : ` (asked for: ${request.provider})`
  throw new NexusError('INVALID_PARAMS', `No sandbox providers available${asked}: this server is not connected to any.`)
}
