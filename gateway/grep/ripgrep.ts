import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { cancelled, NexusError } from '../../services/common/errors/nexus-error.ts'
import type { GrepQuery } from './contract.ts'
import { type FoundLine, FoundLines } from './found-lines.ts'
import { jsonLines } from './json-lines.ts'
import { ripgrepMessage } from './ripgrep-messages.ts'

/** A line with more bytes than this, as ripgrep gives it, is not looked at. */
const MAX_LINE_BYTES = 1_048_576

/** What was found in one file. */
export interface FoundFile {
  readonly file: string
  readonly lines: readonly FoundLine[]
  /** A matching line was too long to be looked at. */
  readonly cut: boolean
}

/** When a search has to end. */
export interface SearchLimits {
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** Nobody waits for the answer any more. */
  readonly gone: AbortSignal | undefined
  /** How many lines of one file are wanted. */
  readonly most: number
}

/**
 * Runs ripgrep over files, which are named by whole paths, in their order. Gives those with lines that match; files that
 * are not text are passed over. Stops the program when the loop over the result is left.
 * @returns the standard error of the program, where it could not read all files
 * @throws NexusError INVALID_PARAMS for a pattern that is none, DEADLINE_EXCEEDED, CANCELLED, UNIMPLEMENTED
 */
export async function* searchFiles(
  files: readonly string[],
  query: GrepQuery,
  limits: SearchLimits,
): AsyncGenerator<FoundFile, string> {
  const child = spawn(await program(), [...argumentsOf(query, limits.most), '--', ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
  })
  const ended = endOf(child)
  const complaints = text(child.stderr)
  complaints.catch(() => undefined)
  let stopped: NexusError | undefined
  const stop = (error: NexusError): void => {
    stopped ??= error
    child.kill('SIGKILL')
  }
  const timer = setTimeout(() => stop(tooLong()), limits.deadline - Date.now())
  const leave = (): void => stop(cancelled())
  limits.gone?.addEventListener('abort', leave)
  try {
    yield* foundFiles(child.stdout, query, limits.most)
    const code = await ended
    if (stopped !== undefined) throw stopped
    const said = await complaints
    if (code === 0 || code === 1) return ''
    if (code !== 2) throw new Error(`ripgrep ended with ${code}: ${said}`)
    if (!files.some((file) => said.startsWith(`rg: ${file}`))) throw wrongPattern(said)
    return said
  } finally {
    clearTimeout(timer)
    limits.gone?.removeEventListener('abort', leave)
    child.kill('SIGKILL')
  }
}

async function* foundFiles(output: Readable, query: GrepQuery, most: number): AsyncGenerator<FoundFile> {
  let file = ''
  let found = new FoundLines(query)
  for await (const object of jsonLines(output, MAX_LINE_BYTES)) {
    if (object === null) {
      found.cut = true
      continue
    }
    const message = ripgrepMessage.parse(object)
    if (message.type === 'begin') {
      file = message.data.path
      found = new FoundLines(query)
    } else if (message.type === 'match' || message.type === 'context') found.add(message.type, message.data)
    else if (message.type === 'end' && message.data.binary_offset === null) {
      yield { file, lines: found.result(most), cut: found.cut }
    }
  }
}

/** Threads would give files in any order; searches of different callers run beside each other. */
function argumentsOf(query: GrepQuery, most: number): readonly string[] {
  return [
    '--json',
    '--no-config',
    '--threads=1',
    '--crlf',
    query.ignoreCase ? '--ignore-case' : '--case-sensitive',
    `--max-count=${most}`,
    `--before-context=${query.before}`,
    `--after-context=${query.after}`,
    `--regexp=${query.pattern}`,
  ]
}

/** Where the program is. @throws NexusError UNIMPLEMENTED if there is none for this machine */
async function program(): Promise<string> {
  try {
    return (await import('@vscode/ripgrep')).rgPath
  } catch (error) {
    throw new NexusError('UNIMPLEMENTED', 'There is no ripgrep for the machine that this server runs on.', {
      cause: error,
    })
  }
}

function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<number | null> {
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.once('close', resolve)
  })
  // It is asked for only when all output was read.
  ended.catch(() => undefined)
  return ended
}

function tooLong(): NexusError {
  const text = 'The search did not end within the deadline of the request: name a smaller directory, or a file_pattern.'
  return new NexusError('DEADLINE_EXCEEDED', text)
}

/** @param said begins with the place of the problem, and ends with what it is */
function wrongPattern(said: string): NexusError {
  const problem = /^error: (.*)$/m.exec(said)?.[1] ?? said.replace(/^rg: /, '').split('\n')[0]
  return new NexusError('INVALID_PARAMS', `parameter 'pattern' is not a regular expression: ${problem}`)
}
