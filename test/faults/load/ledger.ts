/**
 * What may be true of one file. Each fact has one value where every change was acknowledged, and two after an answer
 * that never came. A path whose facts are uncertain is left alone from then on, so each one is decided by itself.
 */
export interface FileFacts {
  readonly path: string
  /** Its content; null: there is no such file. */
  contents: ReadonlySet<string | null>
  /** Whether the reader has a relationship with it. */
  shared: ReadonlySet<boolean>
  /** Of that relationship, once it was acknowledged. */
  tupleId: string | null
}

/** What all workers together know of what must be there. */
export class Ledger {
  readonly files: FileFacts[] = []
  acknowledged = 0
  unanswered = 0
  reads = 0

  /** A file that is not there yet. */
  open(path: string): FileFacts {
    const facts: FileFacts = { path, contents: new Set([null]), shared: new Set([false]), tupleId: null }
    this.files.push(facts)
    return facts
  }
}

export function isCertain(facts: FileFacts): boolean {
  return facts.contents.size === 1 && facts.shared.size === 1
}
