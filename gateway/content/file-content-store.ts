import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { ContentStore, StagedContent } from './contract.ts'

const HASH = /^[0-9a-f]{64}$/
const TEMPORARY = 'tmp'
/** Larger pieces make no difference; smaller ones cost more turns of the event loop. In bytes. */
const PIECE_BYTES = 262_144

/** Contents as files DIRECTORY/ab/cd/HASH. Any number of processes may share the directory. */
export class FileContentStore implements ContentStore {
  readonly #root: string
  /** Directories that this process has made durable or found. */
  readonly #ready = new Set<string>()

  constructor(root: string) {
    this.#root = resolve(root)
  }

  async put(hash: string, bytes: Uint8Array): Promise<void> {
    const target = this.fileOf(hash)
    try {
      // Another writer may have renamed it into place without having synced the directory yet.
      if (await hasSize(target, bytes.byteLength)) return await syncDirectory(dirname(target))
      await this.#makeDirectory(join(this.#root, TEMPORARY))
      await this.#makeDirectory(dirname(target))
      const temporary = join(this.#root, TEMPORARY, uuidv7())
      await writeDurably(temporary, bytes)
      await rename(temporary, target)
      await syncDirectory(dirname(target))
    } catch (error) {
      throw contentError(error)
    }
  }

  async stage(source: AsyncIterable<Uint8Array>): Promise<StagedContent> {
    const temporary = join(this.#root, TEMPORARY, uuidv7())
    return this.#staged(temporary, await this.#receive(temporary, source))
  }

  #staged(temporary: string, content: { readonly hash: string; readonly size: number }): StagedContent {
    return {
      ...content,
      keep: () => this.#keep(temporary, content),
      discard: () => rm(temporary, { force: true }),
    }
  }

  async #receive(temporary: string, source: AsyncIterable<Uint8Array>): Promise<{ hash: string; size: number }> {
    const digest = createHash('sha256')
    let size = 0
    const handle = await attempt(async () => {
      await this.#makeDirectory(join(this.#root, TEMPORARY))
      return await open(temporary, 'wx', 0o640)
    })
    try {
      for await (const piece of source) {
        const written = attempt(() => writeWhole(handle, piece))
        digest.update(piece)
        size += piece.byteLength
        await written
      }
      await attempt(() => handle.sync())
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    } finally {
      await handle.close()
    }
    return { hash: digest.digest('hex'), size }
  }

  async #keep(temporary: string, { hash, size }: { readonly hash: string; readonly size: number }): Promise<void> {
    const target = this.fileOf(hash)
    await attempt(async () => {
      if (await hasSize(target, size)) return await syncDirectory(dirname(target))
      await this.#makeDirectory(dirname(target))
      try {
        await rename(temporary, target)
      } catch (error) {
        if (!isMissing(error)) throw error
        throw new NexusError('UNAVAILABLE', 'The content was removed before it was used; send it again.')
      }
      await syncDirectory(dirname(target))
    })
  }

  async get(hash: string): Promise<Uint8Array | null> {
    try {
      return await readFile(this.fileOf(hash))
    } catch (error) {
      if (isMissing(error)) return null
      throw contentError(error)
    }
  }

  async getRange(hash: string, start: number, end: number): Promise<Uint8Array | null> {
    try {
      await using handle = await open(this.fileOf(hash), 'r')
      const bytes = Buffer.alloc(Math.max(0, Math.min(end, (await handle.stat()).size) - start))
      let filled = 0
      while (filled < bytes.byteLength) {
        const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      return bytes.subarray(0, filled)
    } catch (error) {
      if (isMissing(error)) return null
      throw contentError(error)
    }
  }

  async openRange(hash: string, start: number, end: number): Promise<{ size: number; bytes: Readable } | null> {
    let handle: FileHandle | undefined
    try {
      handle = await open(this.fileOf(hash), 'r')
      const { size } = await handle.stat()
      if (start < end) {
        return { size, bytes: handle.createReadStream({ start, end: end - 1, highWaterMark: PIECE_BYTES }) }
      }
      await handle.close()
      return { size, bytes: Readable.from([]) }
    } catch (error) {
      await handle?.close()
      if (isMissing(error)) return null
      throw contentError(error)
    }
  }

  async setAside(hash: string): Promise<StagedContent | null> {
    const [place, temporary] = [this.fileOf(hash), join(this.#root, TEMPORARY, uuidv7())]
    return await attempt(async () => {
      await this.#makeDirectory(join(this.#root, TEMPORARY))
      try {
        // Or else it would look like the rest of a write that was torn long ago.
        await utimes(place, new Date(), new Date())
        await rename(place, temporary)
        return this.#staged(temporary, { hash, size: (await stat(temporary)).size })
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    })
  }

  async *list(): AsyncGenerator<{ hash: string; writtenAt: number }> {
    for (const first of await names(this.#root)) {
      if (first.length !== 2) continue
      for (const second of await names(join(this.#root, first))) {
        for (const hash of await names(join(this.#root, first, second))) {
          const found = HASH.test(hash) ? await statOrNull(join(this.#root, first, second, hash)) : null
          if (found !== null) yield { hash, writtenAt: found.mtimeMs }
        }
      }
    }
  }

  async removeTorn(before: number): Promise<number> {
    let removed = 0
    for (const name of await names(join(this.#root, TEMPORARY))) {
      const file = join(this.#root, TEMPORARY, name)
      const found = await statOrNull(file)
      if (found === null || found.mtimeMs > before) continue
      await rm(file, { force: true })
      removed++
    }
    return removed
  }

  fileOf(hash: string): string {
    if (!HASH.test(hash)) throw new NexusError('INTERNAL', 'The name of a content is not a SHA-256.')
    return join(this.#root, hash.slice(0, 2), hash.slice(2, 4), hash)
  }

  /** A new directory survives a crash only when the one above it was synced. */
  async #makeDirectory(directory: string): Promise<void> {
    if (this.#ready.has(directory)) return
    const made = await mkdir(directory, { recursive: true })
    if (made !== undefined) {
      const stop = dirname(made)
      for (let above = dirname(directory); above.length >= stop.length; above = dirname(above)) {
        await syncDirectory(above)
        if (above === dirname(above)) break
      }
    }
    this.#ready.add(directory)
  }
}

async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o640)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } catch (error) {
    await rm(file, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at)).bytesWritten
}

/** Runs what may fail in the file system. */
async function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw contentError(error)
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function hasSize(file: string, size: number): Promise<boolean> {
  return (await statOrNull(file))?.size === size
}

async function statOrNull(file: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    return await stat(file)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function names(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** The one place where the file system's errors become ours. */
function contentError(error: unknown): NexusError {
  if (error instanceof NexusError) return error
  if (['ENOSPC', 'EDQUOT'].includes(codeOf(error))) {
    return new NexusError('STORAGE_FULL', 'The disk is full; the write changed nothing.', { cause: error })
  }
  if (['EMFILE', 'ENFILE'].includes(codeOf(error))) {
    return new NexusError('UNAVAILABLE', 'Too many files are open; try again later.', { cause: error })
  }
  return new NexusError('INTERNAL', 'The content store failed; the log has the details.', { cause: error })
}
