import { createSecureContext } from 'node:tls'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import type { Address } from '../config/settings.ts'
import { describeError, NexusError } from '../errors/nexus-error.ts'

/** PEM files of a server; null: plain text. */
export type ServerTls = { readonly certificate: Buffer; readonly key: Buffer } | null

/**
 * Listens, and says where.
 * @throws NexusError CONFIG_INVALID if the address cannot be listened on or the certificate is unusable
 */
export async function listen(server: Server, address: Address, tls: ServerTls): Promise<string> {
  const credentials = serverCredentials(tls)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address.host}:${address.port}`, credentials, (error, bound) => {
      if (error === null) resolve(bound)
      else
        reject(
          new NexusError('CONFIG_INVALID', `Cannot listen on ${address.text}: ${describeError(error)}.`, {
            cause: error,
          }),
        )
    })
  })
  return `${address.host}:${port}`
}

function serverCredentials(tls: ServerTls): ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure()
  try {
    // grpc-js reads the files only when it listens, and then says no more than that it cannot.
    createSecureContext({ cert: tls.certificate, key: tls.key })
    return ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }])
  } catch (error) {
    throw new NexusError('CONFIG_INVALID', `The TLS certificate or key is unusable: ${describeError(error)}.`, {
      cause: error,
    })
  }
}

/** Lets calls in flight finish, and ends what is still open after the grace time, in milliseconds. */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), graceMs)
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
  clearTimeout(timer)
}
