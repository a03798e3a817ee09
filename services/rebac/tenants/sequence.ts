/** The order of events within a process; clocks are too coarse to tell which of two came first. */
export class Sequence {
  #last = 0

  next(): number {
    this.#last += 1
    return this.#last
  }
}
