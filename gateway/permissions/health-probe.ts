import type { Client } from '@grpc/grpc-js'
import { callMetadata, callUnary } from '../../services/common/grpc/client.ts'

/** grpc.health.v1.HealthCheckResponse { status: SERVING }. */
const SERVING = Buffer.from([0x08, 0x01])

/** Asks the standard health service; no answer means no. Both messages are too small for generated code. */
export async function isServing(client: Client, deadline: number): Promise<boolean> {
  try {
    const answer = await callUnary<Buffer>((done) =>
      client.makeUnaryRequest(
        '/grpc.health.v1.Health/Check',
        () => Buffer.alloc(0),
        (bytes: Buffer) => bytes,
        null,
        callMetadata(''),
        { deadline },
        done,
      ),
    )
    return answer.equals(SERVING)
  } catch {
    return false
  }
}
