import type { Client, Metadata } from '@grpc/grpc-js'
import {
  CheckRequest,
  CheckResponse,
  type CheckStreamResponse,
  type Decision,
} from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import type { RebacServiceClient } from '../../../../services/common/gen/nexus/rebac/v1/service.ts'
import type { GrpcQuestion } from './questions.ts'
import { type Rate, runRound } from './round.ts'

const asIs = (bytes: Buffer): Buffer => bytes
const NOTHING = Buffer.alloc(0)

/** The standard health check on the same server: an empty request, an answer of one number, no work. */
export function emptyRound(client: Client, ms: number): Promise<Rate> {
  const call = (): Promise<number> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, NOTHING, (error) =>
        error === null ? resolve(1) : reject(error),
      )
    })
  return runRound(call, ms)
}

export function unaryRound(
  client: Client,
  metadata: Metadata,
  questions: readonly GrpcQuestion[],
  ms: number,
): Promise<Rate> {
  let next = 0
  const call = (): Promise<number> => {
    const question = at(questions, next++)
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        '/nexus.rebac.v1.RebacService/Check',
        (request: CheckRequest) => Buffer.from(CheckRequest.encode(request).finish()),
        (bytes: Buffer) => CheckResponse.decode(bytes),
        question.request,
        metadata,
        (error, response) => {
          if (error !== null) reject(error)
          else if (response?.decision !== question.decision) reject(wrongAnswer(question, response?.decision))
          else resolve(1)
        },
      )
    })
  }
  return runRound(call, ms)
}

export async function streamRound(
  client: RebacServiceClient,
  metadata: Metadata,
  questions: readonly GrpcQuestion[],
  { perMessage, ms }: { readonly perMessage: number; readonly ms: number },
): Promise<Rate> {
  const stream = client.checkStream(metadata)
  const waiting = new Map<number, (decision: Decision | undefined) => void>()
  const failed = new Promise<never>((_, reject) => stream.once('error', reject))
  stream.on('data', ({ results }: CheckStreamResponse) => {
    for (const { id, outcome } of results) {
      waiting.get(id)?.(outcome?.$case === 'check' ? outcome.value.decision : undefined)
      waiting.delete(id)
    }
  })
  let next = 0
  const call = (): Promise<number> =>
    new Promise((resolve, reject) => {
      let open = perMessage
      const items = Array.from({ length: perMessage }, () => {
        const id = next++
        const question = at(questions, id)
        waiting.set(id, (decision) => {
          if (decision !== question.decision) reject(wrongAnswer(question, decision))
          if (--open === 0) resolve(perMessage)
        })
        return { id, timeoutMs: 0, question: { $case: 'check' as const, value: question.request } }
      })
      stream.write({ items, cancelIds: [] })
    })
  try {
    return await Promise.race([runRound(call, ms), failed])
  } finally {
    stream.end()
  }
}

function at(questions: readonly GrpcQuestion[], index: number): GrpcQuestion {
  const question = questions[index % questions.length]
  if (question === undefined) throw new Error('there are no questions')
  return question
}

function wrongAnswer({ request }: GrpcQuestion, decision: Decision | undefined): Error {
  return new Error(`wrong answer ${decision} for ${request.object?.id}`)
}
