import { execFileSync } from 'node:child_process'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeError } from '../../../services/common/errors/nexus-error.ts'

/** A file system of its own that holds a few megabytes. */
export class SmallDisk implements Disposable {
  readonly folder: string
  readonly #ballast: string

  /** @throws if this user may not mount */
  constructor(megabytes: number) {
    this.folder = mkdtempSync(join(tmpdir(), 'nexus-disk-'))
    this.#ballast = join(this.folder, 'ballast')
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', this.folder], { stdio: 'pipe' })
    } catch (error) {
      rmSync(this.folder, { recursive: true })
      throw error
    }
  }

  /** Leaves no room at all. */
  fill(): void {
    const file = openSync(this.#ballast, 'a')
    try {
      for (const block of [Buffer.alloc(65_536), Buffer.alloc(1_024), Buffer.alloc(1)]) writeUntilFull(file, block)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  /** Gives back what was filled. */
  empty(): void {
    rmSync(this.#ballast, { force: true })
  }

  /** In bytes. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder)
    return bavail * bsize
  }

  [Symbol.dispose](): void {
    // Lazily: what a failed test left open must not keep the mount.
    execFileSync('umount', ['-l', this.folder], { stdio: 'pipe' })
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Why no small disk can be had here; null if one can. */
export function noSmallDiskBecause(): string | null {
  try {
    new SmallDisk(1)[Symbol.dispose]()
    return null
  } catch (error) {
    return describeError(error).split('\n')[0] ?? ''
  }
}

function writeUntilFull(file: number, block: Uint8Array): void {
  try {
    for (;;) writeSync(file, block)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
