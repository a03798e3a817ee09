/** Tells an observer something. What it throws must not reach the work that it watches. */
export function tell<T>(listener: ((event: T) => void) | undefined, event: T): void {
  try {
    listener?.(event)
  } catch {
    // The observer reports failures; there is nobody left to report its own to.
  }
}
