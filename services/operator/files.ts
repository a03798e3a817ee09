import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Progress } from './progress.ts'

export interface FileDigest {
  readonly bytes: number
  /** In hex. */
  readonly sha256: string
}

export async function digestOf(file: string, progress: Progress): Promise<FileDigest> {
  const hash = createHash('sha256')
  const total = (await stat(file)).size
  let bytes = 0
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
    progress.at(bytes, total)
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Makes a file, or the names in a directory, durable. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The files by which SQLite would take a database for existing: itself, and logs that it would play into a new one. */
export function existingPartsOf(file: string): readonly string[] {
  return ['', '-wal', '-journal', '-shm'].map((suffix) => file + suffix).filter((part) => existsSync(part))
}
