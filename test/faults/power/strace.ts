import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describeError } from '../../../services/common/errors/nexus-error.ts'

/** Every call that changes files or names, and what makes them durable. */
const CALLS = [
  'open,openat,creat,write,writev,pwrite64,pwritev,pwritev2,copy_file_range,sendfile,splice,sync_file_range',
  'truncate,ftruncate,fallocate,fsync,fdatasync,sync,syncfs',
  'rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir',
].join(',')
/** Longer than any write; in bytes. */
const WHOLE_DATA = '100000000'
const ATTACHED = /Process (\d+) attached/g

/** Why calls of processes cannot be recorded on this machine, in words; null if they can. */
export function noRecordingBecause(): string | null {
  if (process.platform !== 'linux') return 'system calls are recorded with strace, which is a program for Linux'
  try {
    execFileSync('strace', ['-o', '/dev/null', '/bin/true'], { stdio: 'pipe' })
    return null
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return missing ? 'strace is not installed (Debian: apt-get install strace)' : `strace: ${describeError(error)}`
  }
}

/** Writes down the calls of running processes, of all of them in one order. */
export class Strace {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess, ended: Promise<unknown>) {
    this.#child = child
    this.#ended = ended
  }

  /** Resolves when nothing that the processes do is missed any more. */
  static async attach(pids: readonly number[], file: string): Promise<Strace> {
    const targets = pids.flatMap((pid) => ['-p', String(pid)])
    const child = spawn(
      'strace',
      ['-f', '-y', '-xx', '-ttt', '-a', '1', '-s', WHOLE_DATA, '-e', `trace=${CALLS}`, '-o', file, ...targets],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const ended = once(child, 'exit')
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const attached = new Set([...said.matchAll(ATTACHED)].map(([, pid]) => Number(pid)))
        if (pids.every((pid) => attached.has(pid))) resolve()
      })
      void ended.then(() => reject(new Error(`strace ended: ${said}`)), reject)
    })
    return new Strace(child, ended)
  }

  /** Lets the processes go; then the file is complete. */
  async detach(): Promise<void> {
    this.#child.kill('SIGINT')
    await this.#ended
  }
}
