/** Numbers that are gathered in parts: a long list never has to be moved as a whole. */
const PART = 8_192
/** So many numbers are looked at between two pauses. */
const STEP = 32_768

/** Gathers the numbers of which a median is wanted, in 8 bytes each. */
export class Numbers {
  readonly #full: Float64Array[] = []
  #last: number[] = []

  add(value: number): void {
    if (this.#last.push(value) < PART) return
    this.#full.push(Float64Array.from(this.#last))
    this.#last = []
  }

  /** The median, null of none. To be asked for once, when all are there. @param pause lets others run */
  async median(pause: () => Promise<void>): Promise<number | null> {
    const all = await this.#takeAll(pause)
    if (all.length === 0) return null
    const middle = all.length >> 1
    await select(all, middle, pause)
    const upper = all[middle] ?? 0
    return all.length % 2 === 1 ? upper : ((await greatest(all.subarray(0, middle), pause)) + upper) / 2
  }

  async #takeAll(pause: () => Promise<void>): Promise<Float64Array> {
    const all = new Float64Array(this.#full.length * PART + this.#last.length)
    all.set(this.#last, this.#full.length * PART)
    for (let part = this.#full.pop(); part !== undefined; part = this.#full.pop()) {
      all.set(part, this.#full.length * PART)
      await pause()
    }
    return all
  }
}

/** Reorders numbers such that none before an index is greater than what is there, and none behind it less. */
async function select(all: Float64Array, index: number, pause: () => Promise<void>): Promise<void> {
  let [from, to] = [0, all.length]
  while (to - from > 1) {
    const pivot = all[from + Math.floor(Math.random() * (to - from))] ?? 0
    // Less than the pivot: from .. less; equal: less .. next; not looked at: next .. more; greater: more .. to.
    let [less, next, more] = [from, from, to]
    while (next < more) {
      for (const end = Math.min(more, next + STEP); next < Math.min(end, more); ) {
        const value = all[next] ?? 0
        if (value < pivot) swap(all, less++, next++)
        else if (value > pivot) swap(all, --more, next)
        else next++
      }
      await pause()
    }
    if (index < less) to = less
    else if (index >= more) from = more
    else return
  }
}

function swap(all: Float64Array, a: number, b: number): void {
  const value = all[a] ?? 0
  all[a] = all[b] ?? 0
  all[b] = value
}

async function greatest(all: Float64Array, pause: () => Promise<void>): Promise<number> {
  let most = Number.NEGATIVE_INFINITY
  for (let from = 0; from < all.length; from += STEP) {
    for (const value of all.subarray(from, from + STEP)) if (value > most) most = value
    await pause()
  }
  return most
}
