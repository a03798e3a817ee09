// The container's own question to its permission service, by the standard gRPC health protocol. Exit code 0: serving.
import { readFileSync } from 'node:fs'
import { Client, credentials } from '@grpc/grpc-js'

/** HealthCheckResponse with status = SERVING, as bytes. */
const SERVING = Buffer.from([0x08, 0x01])

const port = (process.env['REBAC_LISTEN'] ?? '127.0.0.1:50051').split(':').at(-1)
const certificate = process.env['REBAC_TLS_CERT']
const channel =
  certificate === undefined
    ? credentials.createInsecure()
    : // The certificate names the service, not this loopback address.
      credentials.createSsl(readFileSync(certificate), null, null, { checkServerIdentity: () => undefined })
const client = new Client(`127.0.0.1:${port}`, channel)
const unchanged = (bytes: Buffer): Buffer => bytes

client.makeUnaryRequest(
  '/grpc.health.v1.Health/Check',
  unchanged,
  unchanged,
  Buffer.alloc(0),
  { deadline: Date.now() + 2_500 },
  (error, answer) => {
    process.exitCode = error === null && answer?.equals(SERVING) === true ? 0 : 1
    client.close()
  },
)
