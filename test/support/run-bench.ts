import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface BenchResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a benchmark to its end. @param reportDir where its plot and figures go */
export async function runBench(main: string, reportDir: string, args: readonly string[]): Promise<BenchResult> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, '--report', reportDir, ...args])
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, stdout, stderr }
}

/** The figures in the last line of what a benchmark printed. */
export function figuresOf({ stdout }: BenchResult): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
}

/** What is no finite number in a figure, however deep. */
export function notFinite(figure: unknown): readonly unknown[] {
  if (typeof figure === 'object' && figure !== null) return Object.values(figure).flatMap(notFinite)
  return Number.isFinite(figure) ? [] : [figure]
}
