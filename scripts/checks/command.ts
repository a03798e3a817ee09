import { spawn } from 'node:child_process'

/** What a finished program left behind. */
export interface CommandResult {
  readonly code: number
  /** Standard output and standard error, as they came. */
  readonly output: string
}

/** Runs a program without a shell, and keeps what it prints. Never rejects because of the program's exit code. */
export function capture(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, output: signal === null ? output : `${output}\n${signal}` }),
    )
  })
}

/** Runs a program on this terminal, and gives back its exit code. */
export function show(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
