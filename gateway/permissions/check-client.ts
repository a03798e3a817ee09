import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type {
  CheckStreamItem,
  CheckStreamResponse,
  CheckStreamResult,
} from '../../services/common/gen/nexus/rebac/v1/check.ts'
import type { RebacServiceClient } from '../../services/common/gen/nexus/rebac/v1/service.ts'
import type { Logger } from '../../services/common/log.ts'
import type { Ask } from './ask.ts'
import { AskGroup, groupKey, type GroupScope } from './ask-group.ts'
import { Asking } from './asking.ts'
import { CheckLink } from './check-link.ts'
import { isSendable, MAX_MESSAGE_ITEMS, pack } from './pack.ts'
import type { PermissionMetrics } from './permission-metrics.ts'
import type { PermissionQuestion, PermissionScope, Verdict } from './contract.ts'
import { type DefaultConsistency, fromWireError, fromWireResult, toWireBulk } from './wire-checks.ts'

const MAX_ID = 0xffff_ffff

/** Questions that were sent together. */
interface Flight {
  readonly scope: GroupScope
  readonly asks: readonly Ask[]
}

export interface CheckClientOptions {
  readonly client: RebacServiceClient
  readonly token: string
  readonly consistency: DefaultConsistency
  readonly logger: Logger
  readonly metrics: PermissionMetrics
}

/**
 * Asks the questions of all requests over one stream: those of one turn of the event loop together, equal ones once,
 * and those that a broken stream left without an answer again, until the deadline of whoever waits.
 *
 * A question only joins an equal one that was not sent yet: an answer on its way may be older than the question.
 */
export class CheckClient {
  readonly #options: CheckClientOptions
  readonly #link: CheckLink
  #groups = new Map<string, AskGroup>()
  readonly #flights = new Map<number, Flight>()
  readonly #cancelled: number[] = []
  #lastId = 0
  #scheduled = false
  #closed = false

  constructor(options: CheckClientOptions) {
    this.#options = options
    const events = {
      onReady: () => this.#schedule(),
      onResponse: (response: CheckStreamResponse) => this.#receive(response),
      onBroken: () => this.#requeue(),
      onRefused: (error: Error) => this.#refuse(error),
    }
    this.#link = new CheckLink(options.client, options.token, events, options.logger)
  }

  /** The decisions, in the order of the questions. @throws as Permissions.check */
  verdicts(questions: readonly PermissionQuestion[], scope: PermissionScope): Promise<readonly Verdict[]> {
    if (this.#closed) return Promise.reject(new NexusError('UNAVAILABLE', 'The permissions client is closed.'))
    if (questions.length === 0) return Promise.resolve([])
    if (!questions.every(isSendable))
      return Promise.reject(new NexusError('INVALID_OBJECT', 'A name or id is too long.'))
    const { context, atLeastAsFresh, deadline } = scope
    const asking = new Asking(questions.length, deadline, (expired) => this.#expire(expired))
    const contextText = JSON.stringify(context)
    for (const [index, question] of questions.entries()) {
      const { tenant, alsoAs, resolveInheritance } = question
      const token = atLeastAsFresh?.get(tenant) ?? null
      const group = this.#group({ tenant, alsoAs, resolveInheritance, context, token }, contextText)
      group.ask(question).join(asking, index, deadline)
    }
    this.#options.metrics.asked(questions.length)
    this.#schedule()
    return asking.promise
  }

  close(): void {
    this.#closed = true
    this.#link.close()
    this.#failAll(new NexusError('UNAVAILABLE', 'The permissions client was closed.'))
  }

  #group(scope: GroupScope, contextText: string): AskGroup {
    const key = groupKey(scope, contextText)
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const group = new AskGroup(scope)
    this.#groups.set(key, group)
    return group
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    if (!this.#link.ready) return
    const groups = this.#groups
    this.#groups = new Map()
    const now = Date.now()
    let items: CheckStreamItem[] = []
    let count = 0
    for (const group of groups.values()) {
      for (const part of pack(group.wanted())) {
        items.push(this.#item(group.scope, part, now))
        count += part.length
        if (items.length < MAX_MESSAGE_ITEMS) continue
        this.#send(items, count)
        items = []
        count = 0
      }
    }
    if (items.length > 0 || this.#cancelled.length > 0) this.#send(items, count)
  }

  #item(scope: GroupScope, asks: readonly Ask[], now: number): CheckStreamItem {
    const id = this.#nextId()
    this.#flights.set(id, { scope, asks })
    const deadline = asks.reduce((latest, ask) => Math.max(latest, ask.deadline), now + 1)
    const bulk = toWireBulk(scope, asks, this.#options.consistency)
    return { id, timeoutMs: deadline - now, question: { $case: 'bulk', value: bulk } }
  }

  #send(items: CheckStreamItem[], count: number): void {
    this.#options.metrics.sent(count)
    this.#link.send({ items, cancelIds: this.#cancelled.splice(0) })
  }

  #receive(response: CheckStreamResponse): void {
    for (const result of response.results) {
      const flight = this.#flights.get(result.id)
      this.#flights.delete(result.id)
      if (flight !== undefined) this.#land(flight, result)
    }
  }

  #land({ scope, asks }: Flight, { outcome }: CheckStreamResult): void {
    if (outcome?.$case === 'bulk') {
      for (const [index, ask] of asks.entries()) {
        const answer = fromWireResult(outcome.value.results[index])
        if (answer instanceof NexusError) ask.fail(answer)
        else ask.answer(answer)
      }
      return
    }
    const error =
      outcome?.$case === 'error'
        ? fromWireError(outcome.value)
        : new NexusError('INTERNAL', 'The permission service gave no answer.')
    // A token from before a restore says nothing about the database that is there now.
    if (error.reason === 'TOKEN_EPOCH' && scope.token !== null) this.#askAgain({ ...scope, token: null }, asks)
    else for (const ask of asks) ask.fail(error)
  }

  #requeue(): void {
    const flights = [...this.#flights.values()]
    this.#flights.clear()
    this.#cancelled.length = 0
    for (const { scope, asks } of flights) this.#askAgain(scope, asks)
    if (flights.length > 0) this.#options.metrics.resent(flights.reduce((sum, { asks }) => sum + asks.length, 0))
  }

  #askAgain(scope: GroupScope, asks: readonly Ask[]): void {
    const group = this.#group(scope, JSON.stringify(scope.context))
    for (const ask of asks) if (ask.isWanted) group.ask(ask.question).adopt(ask)
    this.#schedule()
  }

  #refuse(error: Error): void {
    this.#options.logger.error({ err: error }, 'the permission service refuses this gateway')
    this.#failAll(new NexusError('UNAVAILABLE', 'The permission service refuses this gateway.', { cause: error }))
  }

  #failAll(error: NexusError): void {
    for (const group of this.#groups.values()) for (const ask of group.all()) ask.fail(error)
    for (const { asks } of this.#flights.values()) for (const ask of asks) ask.fail(error)
    this.#groups.clear()
    this.#flights.clear()
  }

  /** What to tell somebody who waited too long; what nobody waits for any more is cancelled. */
  #expire(asking: Asking): NexusError {
    setImmediate(() => this.#cancelUnwanted(new Set(asking.asks)))
    if (this.#link.connected)
      return new NexusError('DEADLINE_EXCEEDED', 'The permission service did not answer in time.')
    return new NexusError('UNAVAILABLE', 'The permission service cannot be reached.')
  }

  #cancelUnwanted(asks: ReadonlySet<Ask>): void {
    for (const [id, flight] of this.#flights) {
      if (!flight.asks.some((ask) => asks.has(ask)) || flight.asks.some((ask) => ask.isWanted)) continue
      this.#flights.delete(id)
      this.#cancelled.push(id)
    }
    for (const [key, group] of this.#groups) if (group.wanted().length === 0) this.#groups.delete(key)
    if (this.#cancelled.length > 0) this.#schedule()
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === MAX_ID ? 1 : this.#lastId + 1
    while (this.#flights.has(this.#lastId))
    return this.#lastId
  }
}
