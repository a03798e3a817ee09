import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'

const PROGRAM = fileURLToPath(new URL('../../unit/sql/hold-lock.mjs', import.meta.url))

/** An outside process takes the write lock of a SQLite file, holds it for so many milliseconds, and lets it go. */
export async function holdWriteLock(file: string, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [PROGRAM, file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    await Promise.race([
      saysHeld(child),
      ended.then(() => Promise.reject(new Error(`the lock of ${file} was not had`))),
    ])
    await sleep(milliseconds)
    child.stdin.write('\n')
    await ended
  } finally {
    child.kill('SIGKILL')
  }
}

async function saysHeld(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data')
}
