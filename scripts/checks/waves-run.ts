import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { show } from './command.ts'
import type { Tally } from './tally.ts'

/**
 * A run of the waves counts as one test. It has passed if its exit code says so *and* it left a report of calls that
 * were made without a problem: a run that did nothing is a failure too.
 */
export async function runWavesStage(args: readonly string[]): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-waves-report-'))
  try {
    const code = await show(process.execPath, [...process.execArgv, 'test/waves/main.ts', ...args, '--report', folder])
    const passed = code === 0 && (await isClean(join(folder, outcomeFile(args))))
    return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [] }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function outcomeFile(args: readonly string[]): string {
  const database = args[args.indexOf('--db') + 1] ?? ''
  return `waves-${database}${args.includes('--kill-rebac') ? '-kill-rebac' : ''}.json`
}

async function isClean(file: string): Promise<boolean> {
  try {
    const outcome = JSON.parse(await readFile(file, 'utf8')) as { calls?: number; problems?: readonly string[] }
    return (outcome.calls ?? 0) > 0 && outcome.problems?.length === 0
  } catch {
    return false
  }
}
