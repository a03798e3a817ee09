import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A finished system call. Its beginning and its end have places in the order of everything that was recorded. */
export interface TracedCall {
  readonly name: string
  /** As strace writes them, with all strings in hexadecimal. */
  readonly args: string
  /** Negative: it failed. */
  readonly result: number
  readonly begun: Moment
  readonly ended: Moment
}

/** A place in the order of what was recorded, and the time, in milliseconds since 1970. */
export interface Moment {
  readonly place: number
  readonly time: number
}

interface Begun {
  readonly name: string
  readonly args: string
  readonly begun: Moment
}

const LINE = /^(\d+)\s+(\d+\.\d+) (.*)$/
const UNFINISHED = ' <unfinished ...>'
const RESUMED = /^<\.\.\. (\w+) resumed>/
const RESULT = /\)\s*= (-?\d+)[^()]*(\([^()]*\))?$/

/** The calls of a file of strace, in the order of their ends. What never ended is left out. */
export async function* readTrace(file: string): AsyncGenerator<TracedCall> {
  const parser = new TraceParser()
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const call = parser.add(line)
    if (call !== null) yield call
  }
}

/** Joins the two halves of a call during which something else was recorded. */
export class TraceParser {
  readonly #open = new Map<string, Begun>()
  #place = 0

  /** The call that ends with this line, if one does. */
  add(line: string): TracedCall | null {
    const [, thread = '', seconds, text = ''] = LINE.exec(line) ?? []
    if (seconds === undefined) return null
    const now: Moment = { place: this.#place++, time: Number(seconds) * 1_000 }
    if (text.startsWith('<... ')) {
      const begun = this.#open.get(thread)
      this.#open.delete(thread)
      return begun === undefined ? null : finish({ ...begun, args: begun.args + text.replace(RESUMED, '') }, now)
    }
    const bracket = text.indexOf('(')
    // Signals and ends of threads have no brackets, or none after a name.
    if (!/^\w+$/.test(text.slice(0, bracket))) return null
    const call: Begun = { name: text.slice(0, bracket), args: text.slice(bracket + 1), begun: now }
    if (!text.endsWith(UNFINISHED)) return finish(call, now)
    this.#open.set(thread, { ...call, args: call.args.slice(0, -UNFINISHED.length) })
    return null
  }
}

/** @param call with the result still in its arguments */
function finish({ name, args, begun }: Begun, ended: Moment): TracedCall | null {
  const found = RESULT.exec(args)
  if (found === null) return null
  return { name, args: args.slice(0, found.index), result: Number(found[1]), begun, ended }
}
