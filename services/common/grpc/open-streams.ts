import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js'

interface EndableCall {
  end(): void
  once(event: string, listener: () => void): void
}

/** Remembers the open streams of services that come from libraries, which would keep a server from draining for ever. */
export class OpenStreams {
  readonly #calls = new Set<EndableCall>()

  /** A server to which such services are added. */
  watching(server: Server): Pick<Server, 'addService'> {
    return {
      addService: (definition, implementation) => server.addService(definition, this.#wrap(definition, implementation)),
    }
  }

  endAll(): void {
    for (const call of this.#calls) call.end()
  }

  #wrap(definition: ServiceDefinition, implementation: UntypedServiceImplementation): UntypedServiceImplementation {
    const wrapped = { ...implementation }
    for (const [name, method] of Object.entries(definition)) {
      const key = implementation[name] === undefined ? (method.originalName ?? name) : name
      const handler = implementation[key]
      if (!method.responseStream || handler === undefined) continue
      wrapped[key] = (call: EndableCall) => {
        this.#calls.add(call)
        for (const event of ['close', 'cancelled', 'finish']) call.once(event, () => this.#calls.delete(call))
        Reflect.apply(handler, implementation, [call])
      }
    }
    return wrapped
  }
}
