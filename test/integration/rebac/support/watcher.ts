import type { ClientReadableStream } from '@grpc/grpc-js'
import type { Relationship } from '../../../../services/common/gen/nexus/rebac/v1/relationship.ts'
import { WatchRequest, type WatchResponse } from '../../../../services/common/gen/nexus/rebac/v1/watch.ts'
import type { TestClient } from './client.ts'
import { message } from './wire.ts'

/** A Watch with promises for what it sends. */
export class TestWatcher {
  /** Resolves when the server ends the stream, rejects with its error. */
  readonly ended: Promise<void>
  readonly #stream: ClientReadableStream<WatchResponse>
  readonly #messages: AsyncIterator<WatchResponse>

  constructor(client: TestClient, fields: Partial<WatchRequest> = {}) {
    this.#stream = client.raw.watch(message(WatchRequest, { tenant: 'acme', ...fields }), client.metadata)
    this.#messages = this.#stream[Symbol.asyncIterator]()
    this.ended = new Promise((resolve, reject) => {
      this.#stream.on('end', resolve)
      this.#stream.on('error', reject)
    })
    this.ended.catch(() => {})
  }

  /** The next message, whatever it is. */
  async next(): Promise<WatchResponse> {
    const { done, value } = await this.#messages.next()
    if (done === true) throw new Error('the watch has ended')
    return value
  }

  /** The next message that is no heartbeat. */
  async change(): Promise<WatchResponse> {
    for (;;) {
      const next = await this.next()
      if (!next.heartbeat) return next
    }
  }

  cancel(): void {
    this.#stream.on('error', () => {})
    this.#stream.cancel()
  }
}

/** What a message says, as -file:/a#viewer@user:alice and +file:/b#viewer@user:alice. */
export function described({ changes, schemaVersion }: WatchResponse): string[] {
  const schema = schemaVersion === '' ? [] : ['schema']
  return [...schema, ...changes.flatMap(({ before, after }) => [...side('-', before), ...side('+', after)])]
}

function side(sign: string, relationship: Relationship | undefined): string[] {
  if (relationship === undefined) return []
  const { object, relation, subject } = relationship
  const kind = subject?.kind
  const who =
    kind === undefined || kind.$case === 'any' ? '*' : `${kind.value.type}:${'id' in kind.value ? kind.value.id : '*'}`
  return [`${sign}${object?.type}:${object?.id}#${relation}@${who}`]
}
