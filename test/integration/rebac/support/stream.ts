import type { ClientDuplexStream } from '@grpc/grpc-js'
import type {
  CheckStreamItem,
  CheckStreamRequest,
  CheckStreamResponse,
  CheckStreamResult,
} from '../../../../services/common/gen/nexus/rebac/v1/check.ts'
import type { TestClient } from './client.ts'

type Outcome = NonNullable<CheckStreamResult['outcome']>

/** A stream of checks with promises for the answers. */
export class TestStream {
  /** Every message that came, as the ids in it. */
  readonly messages: number[][] = []
  /** Resolves with the way the stream ended. */
  readonly ended: Promise<'end'>
  readonly #stream: ClientDuplexStream<CheckStreamRequest, CheckStreamResponse>
  readonly #waiting = new Map<number, PromiseWithResolvers<Outcome>>()

  constructor(client: TestClient) {
    this.#stream = client.raw.checkStream(client.metadata)
    this.#stream.on('data', (response: CheckStreamResponse) => this.#receive(response))
    this.ended = new Promise((resolve, reject) => {
      this.#stream.on('end', () => resolve('end'))
      this.#stream.on('error', (error) => {
        for (const { reject: fail } of this.#waiting.values()) fail(error)
        reject(error)
      })
    })
    this.ended.catch(() => {})
  }

  /** The answers to items that are sent in one message. */
  ask(...items: CheckStreamItem[]): Promise<Outcome>[] {
    const answers = items.map(({ id }) => this.answer(id))
    this.send({ items, cancelIds: [] })
    return answers
  }

  answer(id: number): Promise<Outcome> {
    const waiting = this.#waiting.get(id) ?? Promise.withResolvers<Outcome>()
    this.#waiting.set(id, waiting)
    return waiting.promise
  }

  send(request: CheckStreamRequest): void {
    this.#stream.write(request)
  }

  end(): void {
    this.#stream.end()
  }

  cancel(): void {
    this.#stream.cancel()
  }

  #receive(response: CheckStreamResponse): void {
    this.messages.push(response.results.map(({ id }) => id))
    for (const { id, outcome } of response.results) {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (outcome !== undefined) waiting?.resolve(outcome)
    }
  }
}

/** Asks on a stream of its own. */
export async function askOnce(client: TestClient, items: readonly CheckStreamItem[]): Promise<Map<number, Outcome>> {
  const stream = new TestStream(client)
  const answers = stream.ask(...items)
  stream.end()
  const outcomes = await Promise.all(answers)
  await stream.ended
  return new Map(items.map(({ id }, index) => [id, outcomes[index] as Outcome]))
}

/** All messages of a stream from the server. */
export async function collect<T>(stream: unknown): Promise<T[]> {
  const messages: T[] = []
  for await (const next of stream as AsyncIterable<T>) messages.push(next)
  return messages
}
