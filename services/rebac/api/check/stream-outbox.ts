import type { CheckStreamResponse, CheckStreamResult } from '../../../common/gen/nexus/rebac/v1/check.ts'

/** How many decisions travel in one message: small enough to be read in one turn by the other side. */
const MAX_DECISIONS = 10_000

/** What an outbox writes to. */
export interface ResponseWriter {
  write(response: CheckStreamResponse): boolean
}

/** Gathers the answers of a turn into few messages. */
export class StreamOutbox {
  readonly #writer: ResponseWriter
  #results: CheckStreamResult[] = []

  constructor(writer: ResponseWriter) {
    this.#writer = writer
  }

  add(result: CheckStreamResult): void {
    this.#results.push(result)
  }

  /** Sends what was gathered. False if the stream wants no more for now. */
  send(): boolean {
    const results = this.#results
    if (results.length === 0) return true
    this.#results = []
    let writable = true
    let batch: CheckStreamResult[] = []
    let decisions = 0
    for (const result of results) {
      batch.push(result)
      decisions += result.outcome?.$case === 'bulk' ? result.outcome.value.results.length : 1
      if (decisions < MAX_DECISIONS) continue
      writable = this.#writer.write({ results: batch })
      batch = []
      decisions = 0
    }
    return batch.length === 0 ? writable : this.#writer.write({ results: batch })
  }
}
