import { setTimeout as delay } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** So many bad keys from one address in a minute are a mistake; more are guesses. */
const MISTAKES = 30
const WINDOW_MS = 60_000
/** How much longer the answer to each further guess takes, and the longest, in milliseconds. */
const STEP_MS = 50
const LONGEST_MS = 2_000
/** How many guesses of one address may wait for their answer. */
const WAITING = 64
const ADDRESSES = 10_000

interface Guesser {
  count: number
  waiting: number
  readonly since: number
}

/** Makes guessing keys slow, address by address. Nobody with a good key waits for it. */
export class Guesses {
  readonly #guessers = new LRUCache<string, Guesser>({ max: ADDRESSES })
  readonly #pause: (ms: number) => Promise<unknown>

  constructor(pause: (ms: number) => Promise<unknown> = (ms) => delay(ms, undefined, { ref: false })) {
    this.#pause = pause
  }

  /** Whether an address has so many guesses waiting that keys nobody knows yet are not even looked up for it. */
  refuses(address: string): boolean {
    return (this.#guessers.peek(address)?.waiting ?? 0) >= WAITING
  }

  /** Notes a bad key; resolves when it may be answered. @throws NexusError BUSY */
  async answer(address: string, now: number): Promise<void> {
    const known = this.#guessers.get(address)
    const guesser =
      known !== undefined && (known.waiting > 0 || now - known.since < WINDOW_MS)
        ? known
        : { count: 0, waiting: 0, since: now }
    if (guesser !== known) this.#guessers.set(address, guesser)
    guesser.count++
    const wait = Math.min(LONGEST_MS, STEP_MS * (guesser.count - MISTAKES))
    if (wait <= 0) return
    if (guesser.waiting >= WAITING) throw tooManyGuesses()
    guesser.waiting++
    try {
      await this.#pause(wait)
    } finally {
      guesser.waiting--
    }
  }
}

export function tooManyGuesses(): NexusError {
  return new NexusError('BUSY', 'Too many bad API keys came from this address; try again later.')
}
