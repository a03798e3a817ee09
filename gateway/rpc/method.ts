import type { z } from 'zod'
import type { CallContext } from '../context.ts'

/** One method of POST /api/nfs/{name}. */
export interface Method<P extends z.ZodType = z.ZodType> {
  readonly name: string
  /** A strict object: unknown names are -32602. */
  readonly params: P
  /** Cache-Control of the answer (nexus-api.md 1.6). */
  readonly cacheControl: string
  /** The result as it goes into the envelope; special values are encoded there. May be a `Tagged` or an `Encoded` result. */
  readonly handle: (params: z.output<P>, context: CallContext) => Promise<unknown>
  readonly docs: MethodDocs
  /** The chapter of the API's description that it stands in. */
  readonly tag?: string
}

/** What the API's description says of a method. */
export interface MethodDocs {
  /** One sentence without a full stop: what a call does. */
  readonly summary: string
  /** A call that works for the administrator of a fresh demo; a test makes it. */
  readonly example: MethodExample
}

export interface MethodExample {
  /** Calls that come first, so that there is something to act on. */
  readonly before?: readonly (readonly [method: string, params: object])[]
  /** A text `<0.items.0.trash_id>` stands for that member of the result of the first call of `before`. */
  readonly params: object
  /** The code that the call is answered with where a server has nothing to do it with. @default it succeeds */
  readonly error?: number
}

/** A result whose ETag goes into the answer's head, so that If-None-Match can be answered with 304. */
export class Tagged {
  readonly result: unknown
  readonly etag: string

  constructor(result: unknown, etag: string) {
    this.result = result
    this.etag = etag
  }
}

/** A result that is JSON already; it has no special values. Equal ones, such as long lists, need to be written only once. */
export class Encoded {
  readonly json: string

  constructor(json: string) {
    this.json = json
  }
}

/** A list in a result that may be long: its items take the form of the wire one by one, while they are written. */
export class LongList<T> {
  readonly items: readonly T[]
  readonly present: (item: T) => unknown

  constructor(items: readonly T[], present: (item: T) => unknown) {
    this.items = items
    this.present = present
  }
}

/** Cache-Control of answers (nexus-api.md 1.6). */
export const CACHE = {
  listing: 'private, max-age=30',
  metadata: 'private, max-age=60',
  none: 'no-store',
  revalidate: 'private, no-cache',
} as const

/** Keeps the type of the parameters; the registry forgets it. */
export function defineMethod<P extends z.ZodType>(method: Method<P>): Method {
  return method as unknown as Method
}
