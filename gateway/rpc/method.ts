import type { z } from 'zod'
import type { CallContext } from '../context.ts'

/** One method of POST /api/nfs/{name}. */
export interface Method<P extends z.ZodType = z.ZodType> {
  readonly name: string
  /** A strict object: unknown names are -32602. */
  readonly params: P
  /** Cache-Control of the answer (nexus-api.md 1.6). */
  readonly cacheControl: string
  /** The result as it goes into the envelope; special values are encoded there. */
  readonly handle: (params: z.output<P>, context: CallContext) => Promise<unknown>
}

/** Keeps the type of the parameters; the registry forgets it. */
export function defineMethod<P extends z.ZodType>(method: Method<P>): Method {
  return method as unknown as Method
}
