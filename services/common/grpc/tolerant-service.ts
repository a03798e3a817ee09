import type { MethodDefinition, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'
import { BinaryReader } from '@bufbuild/protobuf/wire'
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
      return requestDeserialize(strictReader(bytes))
    } catch (error) {
      return new MalformedRequest(error)
    }
  }
  return { ...method, requestDeserialize: deserialize as (bytes: Buffer) => Request }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * What the generated decoders read from. Left to themselves they take U+FFFD for whatever is no text, which would make
 * one id of many. They take a reader as well as bytes, which their types keep to themselves.
 */
function strictReader(bytes: Buffer): Buffer {
  return new BinaryReader(bytes, (text) => strict.decode(text)) as unknown as Buffer
}
