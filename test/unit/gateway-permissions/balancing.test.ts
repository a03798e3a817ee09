import { Server, ServerCredentials } from '@grpc/grpc-js'
import { afterEach, expect, it } from 'vitest'
import {
  WriteRelationshipsRequest,
  WriteRelationshipsResponse,
} from '../../../services/common/gen/nexus/rebac/v1/write.ts'
import { RebacServiceClient, RebacServiceService } from '../../../services/common/gen/nexus/rebac/v1/service.ts'
import { callMetadata, callUnary, clientCredentials, clientOptions } from '../../../services/common/grpc/client.ts'
import { message } from '../../integration/rebac/support/wire.ts'

const CALLS = 30
const servers: Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.forceShutdown()))

it('an address that stands for several permission services shares the calls among them', async () => {
  const taken = [0, 0, 0]
  const ports = await Promise.all(taken.map((_, index) => startServer(() => (taken[index] = (taken[index] ?? 0) + 1))))
  const address = `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`
  const client = new RebacServiceClient(address, clientCredentials({ ca: null, plaintext: true }), clientOptions)
  const call = () =>
    callUnary<WriteRelationshipsResponse>((done) =>
      client.writeRelationships(message(WriteRelationshipsRequest, {}), callMetadata(''), done),
    )
  // Connections are made one after the other; a call goes to those that are there.
  await expect.poll(async () => (await call(), Math.min(...taken))).toBeGreaterThan(0)
  const before = [...taken]
  for (let index = 0; index < CALLS; index += 1) await call()
  client.close()
  expect(taken.map((count, index) => count - (before[index] ?? 0))).toEqual([10, 10, 10])
})

async function startServer(onWrite: () => void): Promise<number> {
  const server = new Server()
  servers.push(server)
  const { writeRelationships } = RebacServiceService
  server.addService(
    { writeRelationships },
    {
      writeRelationships: (_call: unknown, done: (error: null, answer: WriteRelationshipsResponse) => void) => {
        onWrite()
        done(null, message(WriteRelationshipsResponse, {}))
      },
    },
  )
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    )
  })
}
