import { ChannelCredentials, type ChannelOptions, Metadata, type ServiceError } from '@grpc/grpc-js'
import { NexusError } from '../errors/nexus-error.ts'
import { fromServiceError } from './error-status.ts'

const MAX_REQUEST_BYTES = 16 * 1024 * 1024
/** The answer to a write repeats it, with ids and times. */
const MAX_ANSWER_BYTES = 2 * MAX_REQUEST_BYTES

/** How the permission service is reached. */
export interface ClientTransport {
  /** Trusted instead of the system's certificate authorities; PEM. null: those of the system. */
  readonly ca: Buffer | null
  /** Without TLS. */
  readonly plaintext: boolean
}

/** A name that stands for several replicas: each call goes to the next one that is there. */
const BALANCED = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] })

/** Reconnects within a second, and notices within seconds that the other side is gone without a word. */
export const clientOptions: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
  'grpc.max_send_message_length': MAX_REQUEST_BYTES,
  'grpc.service_config': BALANCED,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.keepalive_permit_without_calls': 1,
}

/** @throws NexusError CONFIG_INVALID if the certificate authority is unusable */
export function clientCredentials({ ca, plaintext }: ClientTransport): ChannelCredentials {
  if (plaintext) return ChannelCredentials.createInsecure()
  try {
    return ChannelCredentials.createSsl(ca)
  } catch (error) {
    throw new NexusError('CONFIG_INVALID', 'The certificate authority of the permission service is unusable.', {
      cause: error,
    })
  }
}

/** Metadata of a call: who calls; and that it waits for the connection instead of failing at once. */
export function callMetadata(token: string): Metadata {
  const metadata = new Metadata({ waitForReady: true })
  if (token !== '') metadata.set('authorization', `Bearer ${token}`)
  return metadata
}

/** A unary call as a promise. @throws NexusError with the service's reason */
export function callUnary<Response>(
  start: (callback: (error: ServiceError | null, response?: Response) => void) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    start((error, response) => {
      if (error !== null) reject(fromServiceError(error))
      else if (response === undefined) reject(new NexusError('INTERNAL', 'The permission service sent no answer.'))
      else resolve(response)
    })
  })
}
