import type { Server } from '@grpc/grpc-js'
import { HealthImplementation } from 'grpc-health-check'

/** Asked for by name, or by '' for the whole server. */
const SERVICES = ['', 'nexus.rebac.v1.RebacService']

/** The standard health service; says NOT_SERVING from the moment that the process drains. */
export class Health {
  readonly #implementation = new HealthImplementation()

  constructor(server: Pick<Server, 'addService'>) {
    this.#implementation.addToServer(server)
    this.#set('NOT_SERVING')
  }

  serving(): void {
    this.#set('SERVING')
  }

  draining(): void {
    this.#set('NOT_SERVING')
  }

  #set(status: 'SERVING' | 'NOT_SERVING'): void {
    for (const service of SERVICES) this.#implementation.setStatus(service, status)
  }
}
