import type { ErrorReason } from '../../../common/errors/catalogue.ts'
import { NexusError } from '../../../common/errors/nexus-error.ts'

/** Runs a parser of a part of a request; its errors name the part. */
export function within<T>(field: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof NexusError)) throw error
    const { reason, message, data, violations } = error
    throw new NexusError(reason, `${field}: ${message}`, { cause: error, violations, ...(data && { data }) })
  }
}

/** @throws NexusError with the reason if a repeated field has more elements than are allowed */
export function requireAtMost(
  values: readonly unknown[],
  limit: number,
  field: string,
  reason: ErrorReason = 'TOO_MANY_OPERATIONS',
): void {
  if (values.length <= limit) return
  throw new NexusError(reason, `${field} has ${values.length} elements; at most ${limit} are allowed.`)
}

/** @throws NexusError INVALID_REQUEST */
export function missing(field: string): never {
  throw new NexusError('INVALID_REQUEST', `${field} is missing.`)
}

const MAX_COUNT = 2 ** 31 - 1

/** A number that limits something. A negative one arrives as a very large one. @throws NexusError INVALID_REQUEST */
export function requireCount(value: number, field: string): number {
  if (value <= MAX_COUNT) return value
  throw new NexusError('INVALID_REQUEST', `${field} is ${value}; it must not be negative and at most ${MAX_COUNT}.`)
}
