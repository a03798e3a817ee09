import type { ServerDuplexStream } from '@grpc/grpc-js'
import { Metadata } from '@grpc/grpc-js'
import { NexusError } from '../../../common/errors/nexus-error.ts'
import type { CheckStreamRequest, CheckStreamResponse } from '../../../common/gen/nexus/rebac/v1/check.ts'
import { toErrorStatus } from '../../../common/grpc/error-status.ts'
import { MalformedRequest } from '../../../common/grpc/handlers.ts'
import type { ApiContext } from '../api-context.ts'
import type { Caller } from '../authenticator.ts'
import { answerQuestions, type Answers } from './answer-questions.ts'
import type { Outcome } from './answer-run.ts'
import { askedOf } from './check-bulk.ts'
import { groupTickets } from './group-tickets.ts'
import { StreamOutbox } from './stream-outbox.ts'
import { openTicket, presentFailure, presentTicket, type Ticket } from './ticket.ts'
import { TicketExpiry } from './ticket-expiry.ts'

/** More questions than this are not read before others were answered. */
const MAX_WAITING_QUESTIONS = 50_000

/**
 * One long-lived stream of checks. Everything that arrives in one turn of the event loop is evaluated together, as far
 * as it can be, and answered in one message; each item has a deadline, an answer or an error of its own.
 */
export class CheckStreamSession {
  readonly #api: ApiContext
  readonly #caller: Caller
  readonly #call: ServerDuplexStream<CheckStreamRequest, CheckStreamResponse>
  readonly #outbox: StreamOutbox
  readonly #tickets = new Map<number, Ticket>()
  readonly #expiry: TicketExpiry
  #arrived: Ticket[] = []
  #waitingQuestions = 0
  #scheduled = false
  #writable = true
  /** No more is read: the client has said all, or the server goes away. */
  #ending = false
  #closed = false

  constructor(api: ApiContext, caller: Caller, call: ServerDuplexStream<CheckStreamRequest, CheckStreamResponse>) {
    this.#api = api
    this.#caller = caller
    this.#call = call
    this.#outbox = new StreamOutbox(call)
    this.#expiry = new TicketExpiry((ticket) => this.#fail(ticket, expired()))
  }

  /** Serves until the stream ends; `onClosed` is called once. */
  run(onClosed: () => void): void {
    const close = () => {
      if (this.#closed) return
      this.#closed = true
      this.#expiry.close()
      for (const ticket of this.#tickets.values()) ticket.settled = true
      this.#tickets.clear()
      onClosed()
    }
    this.#call.on('data', (message: CheckStreamRequest) => this.#receive(message))
    this.#call.on('end', () => this.end())
    this.#call.on('drain', () => {
      this.#writable = true
      this.#regulate()
    })
    for (const event of ['cancelled', 'close', 'error', 'finish']) this.#call.on(event, close)
    // Tells the client that it is connected, before anything was asked.
    this.#call.sendMetadata(new Metadata())
  }

  /** Answers what was read and ends; what was not read is for another server. */
  end(): void {
    this.#ending = true
    this.#call.pause()
    this.#schedule()
  }

  #receive(message: CheckStreamRequest): void {
    if (message instanceof MalformedRequest) {
      const error = new NexusError('INVALID_REQUEST', 'The request is not a message of this type.')
      this.#call.emit('error', toErrorStatus(this.#api.errors.toError(error, 'CheckStream')))
      return
    }
    const now = Date.now()
    for (const id of message.cancelIds) this.#cancel(id)
    for (const item of message.items) {
      try {
        if (this.#tickets.has(item.id)) throw new NexusError('INVALID_REQUEST', `The id ${item.id} is in use.`)
        this.#open(openTicket(item, this.#api, this.#caller, now))
      } catch (error) {
        this.#outbox.add(presentFailure(item.id, error, this.#api))
      }
    }
    this.#regulate()
    this.#schedule()
  }

  #open(ticket: Ticket): void {
    this.#tickets.set(ticket.id, ticket)
    this.#arrived.push(ticket)
    this.#waitingQuestions += ticket.questions.length
  }

  #cancel(id: number): void {
    const ticket = this.#tickets.get(id)
    if (ticket !== undefined) this.#settle(ticket)
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
    if (this.#closed) return
    const tickets = this.#arrived.filter((ticket) => !ticket.settled)
    this.#arrived = []
    for (const group of groupTickets(tickets)) this.#answer(group)
    for (const ticket of tickets) if (!ticket.settled) this.#expiry.watch(ticket)
    if (!this.#outbox.send()) this.#writable = false
    this.#regulate()
    if (this.#ending && this.#tickets.size === 0) this.#call.end()
  }

  #answer(group: readonly Ticket[]): void {
    const [first] = group
    if (first === undefined) return
    const asked = group.map((ticket) =>
      askedOf(ticket.questions, { deadline: ticket.deadline, isCancelled: () => ticket.settled }),
    )
    const succeed = ({ outcomes, revision }: Answers) => {
      let from = 0
      for (const [index, ticket] of group.entries()) {
        const until = from + (asked[index]?.length ?? 0)
        this.#succeed(ticket, outcomes.slice(from, until), revision)
        from = until
      }
    }
    const fail = (error: unknown) => {
      for (const ticket of group) this.#fail(ticket, error)
    }
    try {
      const answers = answerQuestions(this.#api.tenants, first.scope, asked.flat())
      if (!(answers instanceof Promise)) return succeed(answers)
      answers.then(succeed, fail).finally(() => this.#schedule())
    } catch (error) {
      fail(error)
    }
  }

  #succeed(ticket: Ticket, outcomes: readonly Outcome[], revision: number): void {
    if (ticket.settled) return
    this.#settle(ticket)
    this.#outbox.add(presentTicket(ticket, outcomes, revision, this.#api))
  }

  #fail(ticket: Ticket, error: unknown): void {
    if (ticket.settled) return
    this.#settle(ticket)
    this.#outbox.add(presentFailure(ticket.id, error, this.#api))
    this.#schedule()
  }

  #settle(ticket: Ticket): void {
    ticket.settled = true
    this.#tickets.delete(ticket.id)
    this.#expiry.forget(ticket)
    this.#waitingQuestions -= ticket.questions.length
  }

  /** Reads no more than can be answered, and no faster than the client takes the answers. */
  #regulate(): void {
    const mayRead = this.#writable && !this.#ending && this.#waitingQuestions < MAX_WAITING_QUESTIONS
    if (mayRead === !this.#call.isPaused()) return
    if (mayRead) this.#call.resume()
    else this.#call.pause()
  }
}

function expired(): NexusError {
  return new NexusError('DEADLINE_EXCEEDED', 'The question was not answered within its timeout_ms.')
}
