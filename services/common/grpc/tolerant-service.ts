import type { MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import { MalformedRequest } from './handlers.ts'

/**
 * A service whose requests always reach their handler: bytes that cannot be read arrive as a MalformedRequest. Left to
 * itself grpc-js answers those INTERNAL, with the decoder's own words.
 */
export function tolerantService<S extends ServiceDefinition<UntypedServiceImplementation>>(service: S): S {
  const methods = Object.entries(service).map(([name, method]) => [name, tolerantMethod(method)])
  return Object.fromEntries(methods)
}

function tolerantMethod<Request, Response>(
  method: MethodDefinition<Request, Response>,
): MethodDefinition<Request, Response> {
  const { requestDeserialize } = method
  const deserialize = (bytes: Buffer): Request | MalformedRequest => {
    try {
      return requestDeserialize(bytes)
    } catch (error) {
      return new MalformedRequest(error)
    }
  }
  return { ...method, requestDeserialize: deserialize as (bytes: Buffer) => Request }
}
