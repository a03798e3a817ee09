import { NexusError } from '../../../../services/common/errors/nexus-error.ts'

/** The store says that there is no such object. A bucket that is not there is another matter. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && ['NotFound', 'NoSuchKey'].includes(error.name)
}

/** Runs a change, and says in our terms if the store refuses it. */
export async function refusal<T>(key: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change()
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDenied') {
      throw new NexusError('READ_ONLY', `The object store does not let these credentials change '${key}'.`)
    }
    throw error
  }
}

/**
 * What may be said of a failure of the store. Its own errors hold addresses, ids of keys and what was signed, so they go
 * nowhere, not even to the log.
 */
export function withoutSecrets(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure')
  const code = 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  const metadata = '$metadata' in error ? (error.$metadata as { readonly httpStatusCode?: number }) : {}
  const status = metadata.httpStatusCode === undefined ? '' : ` (HTTP ${metadata.httpStatusCode})`
  return new Error(`${/^[A-Za-z]{1,60}$/.test(error.name) ? error.name : 'Error'}${code}${status}`)
}
