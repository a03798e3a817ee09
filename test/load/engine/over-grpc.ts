import { type Client, credentials, Metadata } from '@grpc/grpc-js'
import {
  CheckRequest,
  CheckResponse,
  type CheckStreamResponse,
} from '../../../services/common/gen/nexus/rebac/v1/check.ts'
import { RebacServiceClient } from '../../../services/common/gen/nexus/rebac/v1/service.ts'
import type { BenchQuestion, Dataset } from './dataset.ts'
import { median, seededRandom } from './figures.ts'

const TENANT = 'bench'
const IN_FLIGHT = 64
const ROUND_MS = 2_000
const ROUNDS = 5
const WRITE_BATCH = 5_000
const BATCH = 16
const DECISION_ALLOWED = 2

/** Calls per second, and processor time of this side per call, in microseconds. */
interface Rate {
  readonly perSecond: number
  readonly clientMicros: number
}

export interface GrpcFigures {
  readonly empty: Rate
  readonly unary: Rate
  /** Checks, not messages. */
  readonly stream: Rate
  readonly batch: Rate
}

/** Measures a running service; rounds of the four kinds take turns, so that noise hits all alike. */
export async function measureOverGrpc(
  address: string,
  token: string,
  dataset: Dataset,
  say: (line: string) => void,
): Promise<GrpcFigures> {
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${token}`)
  const client = new RebacServiceClient(address, credentials.createInsecure())
  await load(client, metadata, dataset, say)
  const questions = mixedQuestions(dataset)
  const kinds = {
    empty: () => emptyRound(client),
    unary: () => unaryRound(client, metadata, questions),
    stream: () => streamRound(client, metadata, questions, 1),
    batch: () => streamRound(client, metadata, questions, BATCH),
  }
  const rates: Record<keyof GrpcFigures, Rate[]> = { empty: [], unary: [], stream: [], batch: [] }
  for (let round = 0; round <= ROUNDS; round++) {
    say(`over gRPC: round ${round} of ${ROUNDS}`)
    for (const [name, run] of Object.entries(kinds) as [keyof GrpcFigures, () => Promise<Rate>][]) {
      const rate = await run()
      // The first round warms up.
      if (round > 0) rates[name].push(rate)
    }
  }
  client.close()
  const middle = (of: readonly Rate[]): Rate => ({
    perSecond: median(of.map(({ perSecond }) => perSecond)),
    clientMicros: median(of.map(({ clientMicros }) => clientMicros)),
  })
  return {
    empty: middle(rates.empty),
    unary: middle(rates.unary),
    stream: middle(rates.stream),
    batch: middle(rates.batch),
  }
}

/** A third direct, a third deep, a third denied. */
function mixedQuestions(dataset: Dataset): readonly CheckRequest[] {
  const random = seededRandom(7)
  return Array.from({ length: 3_000 }, (_, index) => {
    const at = Math.floor(random() * Math.min(dataset.directCount, dataset.deepCount))
    const question = index % 3 === 0 ? dataset.direct(at) : dataset.deep(at)
    return toRequest(index % 3 === 2 ? { ...question, user: 'nobody' } : question)
  })
}

function toRequest(question: BenchQuestion): CheckRequest {
  return {
    tenant: TENANT,
    object: { type: 'file', id: question.object },
    relation: question.relation,
    subject: { tenant: '', kind: { $case: 'object', value: { type: 'user', id: question.user } } },
    alsoAs: [],
    resolveInheritance: false,
    context: undefined,
    contextualRelationships: [],
    consistency: undefined,
    schemaVersion: '',
    limits: undefined,
  }
}

async function load(
  client: RebacServiceClient,
  metadata: Metadata,
  dataset: Dataset,
  say: (line: string) => void,
): Promise<void> {
  const { relationships } = dataset
  for (let start = 0; start < relationships.length; start += WRITE_BATCH) {
    say(`writing relationships: ${start} of ${relationships.length}`)
    const operations = relationships.slice(start, start + WRITE_BATCH).map((row) => {
      const named = { type: row.subjectType, id: row.subjectId }
      const kind =
        row.subjectRelation === ''
          ? { $case: 'object' as const, value: named }
          : { $case: 'userset' as const, value: { ...named, relation: row.subjectRelation } }
      const value = {
        id: '',
        object: { type: row.objectType, id: row.objectId },
        relation: row.relation,
        subject: { tenant: '', kind },
        condition: undefined,
        expiresAt: undefined,
        createdAt: undefined,
        attributes: undefined,
      }
      return { operation: { $case: 'touch' as const, value } }
    })
    await new Promise<void>((resolve, reject) => {
      const request = { tenant: TENANT, operations, preconditions: [], idempotencyKey: '' }
      client.writeRelationships(request, metadata, (error) => (error === null ? resolve() : reject(error)))
    })
  }
}

async function round(call: () => Promise<number>): Promise<Rate> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  let done = 0
  const worker = async (): Promise<void> => {
    while (performance.now() - begun < ROUND_MS) {
      const answered = await call()
      done += answered
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker))
  const seconds = (performance.now() - begun) / 1_000
  const used = process.cpuUsage(cpu)
  return { perSecond: done / seconds, clientMicros: (used.user + used.system) / done }
}

const asIs = (bytes: Buffer): Buffer => bytes
const NOTHING = Buffer.alloc(0)

/** The standard health check on the same server: an empty request, an answer of one number, no work. */
function emptyRound(client: Client): Promise<Rate> {
  return round(
    () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest('/grpc.health.v1.Health/Check', asIs, asIs, NOTHING, (error) =>
          error === null ? resolve(1) : reject(error),
        )
      }),
  )
}

function unaryRound(client: Client, metadata: Metadata, questions: readonly CheckRequest[]): Promise<Rate> {
  let next = 0
  return round(
    () =>
      new Promise((resolve, reject) => {
        const question = questions[next++ % questions.length]
        if (question === undefined) return
        client.makeUnaryRequest(
          '/nexus.rebac.v1.RebacService/Check',
          (request: CheckRequest) => Buffer.from(CheckRequest.encode(request).finish()),
          (bytes: Buffer) => CheckResponse.decode(bytes),
          question,
          metadata,
          (error) => (error === null ? resolve(1) : reject(error)),
        )
      }),
  )
}

async function streamRound(
  client: RebacServiceClient,
  metadata: Metadata,
  questions: readonly CheckRequest[],
  perMessage: number,
): Promise<Rate> {
  const stream = client.checkStream(metadata)
  const waiting = new Map<number, (decision: number | undefined) => void>()
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
        const check = questions[id % questions.length] as CheckRequest
        const expected = (id % questions.length) % 3 === 2 ? 1 : DECISION_ALLOWED
        waiting.set(id, (decision) => {
          if (decision !== expected) reject(new Error(`wrong answer ${decision} for ${check.object?.id}`))
          if (--open === 0) resolve(perMessage)
        })
        return { id, timeoutMs: 0, question: { $case: 'check' as const, value: check } }
      })
      stream.write({ items, cancelIds: [] })
    })
  const rate = await Promise.race([round(call), failed])
  stream.end()
  return rate
}
