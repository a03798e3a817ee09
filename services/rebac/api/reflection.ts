import { fileURLToPath } from 'node:url'
import type { Server } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { ReflectionService } from '@grpc/reflection'

const PROTO_ROOT = fileURLToPath(new URL('../../../proto', import.meta.url))

/** Lets tools such as grpcurl read the contract from the running service; it is the one in proto/. */
export function addReflection(server: Pick<Server, 'addService'>): void {
  const contract = loadSync('nexus/rebac/v1/service.proto', { includeDirs: [PROTO_ROOT] })
  new ReflectionService(contract).addToServer(server)
}
