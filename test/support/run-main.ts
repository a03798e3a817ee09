import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export interface MainResult {
  readonly code: number | null
  readonly stdout: string
  /** Everything but log lines. */
  readonly stderr: string
}

/** Runs a program of the house to its end, without the settings of whoever runs the tests. */
export async function runMain(
  entry: 'services/rebac/main.ts' | 'gateway/main.ts' | 'services/operator/main.ts',
  settings: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<MainResult> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await once(child, 'close')) as [number | null]
  const [stdout, stderr] = await said
  const sentences = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  return { code, stdout, stderr: sentences.join('\n') }
}
