/** What a call makes of a file; what it does not name stays as it is. */
export interface Change {
  /** null: there is no such file afterwards. */
  readonly content?: string | null
  readonly shared?: boolean
}

/** Each fact has one value where every change was answered, and two where an answer is still missing. */
export interface FileState {
  /** Its content; null: there is no such file. */
  readonly contents: ReadonlySet<string | null>
  /** Whether the reader has a relationship with it. */
  readonly shared: ReadonlySet<boolean>
}

const ABSENT: FileState = { contents: new Set([null]), shared: new Set([false]) }

/**
 * What may be true of one file, at every moment: a change may have happened from when it is sent, and has happened when it
 * is acknowledged. A path whose facts stay uncertain is left alone from then on, so each one is decided by itself.
 */
export class FileFacts {
  readonly path: string
  /** Of the relationship with the reader, once it was acknowledged. */
  tupleId: string | null = null
  #state = ABSENT
  readonly #acknowledgements: number[] = []
  readonly #past: { readonly from: number; readonly state: FileState }[] | null

  /** @param keepsPast whether it can be asked for earlier states */
  constructor(path: string, keepsPast: boolean) {
    this.path = path
    this.#past = keepsPast ? [] : null
  }

  get state(): FileState {
    return this.#state
  }

  get isCertain(): boolean {
    return this.#state.contents.size === 1 && this.#state.shared.size === 1
  }

  /** To be called before the change is sent; answers what was true before. */
  mayBecome({ content, shared }: Change): FileState {
    const before = this.#state
    // It is late rather than early that a change counts as acknowledged, and early rather than late that it was sent.
    this.#note(Date.now(), {
      contents: content === undefined ? before.contents : new Set([...before.contents, content]),
      shared: shared === undefined ? before.shared : new Set([...before.shared, shared]),
    })
    return before
  }

  /** The change was acknowledged. */
  became(before: FileState, { content, shared }: Change): void {
    if (this.#past !== null) this.#acknowledgements.push(Date.now() + 1)
    this.#note(Date.now() + 1, {
      contents: content === undefined ? before.contents : new Set([content]),
      shared: shared === undefined ? before.shared : new Set([shared]),
    })
  }

  /** The change has certainly not happened. */
  stayed(before: FileState): void {
    this.#note(Date.now() + 1, before)
  }

  /** What was true at a moment, in milliseconds since 1970. */
  stateAt(moment: number): FileState {
    return this.#past?.findLast(({ from }) => from <= moment)?.state ?? ABSENT
  }

  /** How many changes were acknowledged by a moment, if the past is kept. */
  acknowledgedBy(moment: number): number {
    return this.#acknowledgements.filter((at) => at <= moment).length
  }

  #note(from: number, state: FileState): void {
    this.#state = state
    this.#past?.push({ from, state })
  }
}

/** A file as it must be found. */
export interface ExpectedFile {
  readonly path: string
  readonly state: FileState
}

/** What all workers together know of what must be there. */
export class Ledger {
  readonly files: FileFacts[] = []
  readonly #keepsPast: boolean
  acknowledged = 0
  unanswered = 0
  reads = 0

  /** @param keepsPast whether it can be asked what had to be there at an earlier moment */
  constructor(keepsPast = false) {
    this.#keepsPast = keepsPast
  }

  /** A file that is not there yet. */
  open(path: string): FileFacts {
    const facts = new FileFacts(path, this.#keepsPast)
    this.files.push(facts)
    return facts
  }

  /** A file that was deleted and whose name is never used again. */
  forget(facts: FileFacts): void {
    this.files.splice(this.files.indexOf(facts), 1)
  }

  /** How many changes were acknowledged by a moment, in milliseconds since 1970. */
  acknowledgedBy(moment: number): number {
    return this.files.reduce((sum, facts) => sum + facts.acknowledgedBy(moment), 0)
  }

  /** What must be there at a moment, in milliseconds since 1970. */
  at(moment: number): readonly ExpectedFile[] {
    return this.files.map((facts) => ({ path: facts.path, state: facts.stateAt(moment) }))
  }
}
