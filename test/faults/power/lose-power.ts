import { dirname } from 'node:path'
import type { Folder } from './folder.ts'
import type { RecordedFile, Recording } from './recording.ts'

/** What a disk writes whole or not at all, in bytes. */
const SECTOR = 512

/** Where the power is lost, and what becomes of what was not durable then. */
export interface Loss {
  /** What has this place or a later one in the recording never began, or never ended. */
  readonly place: number
  /** Decides of a sector or a name that was not durable whether it is there nevertheless. */
  readonly survives: () => boolean
}

/** The folder as it is found afterwards. */
export function losePower(recording: Recording, { place, survives }: Loss): Folder {
  const happened = ({ begun }: { readonly begun: number }): boolean => begun < place
  const isThere = ({ durable }: { readonly durable: number }): boolean => durable < place || survives()
  const directories = new Set(recording.base.directories)
  for (const made of recording.directories) if (happened(made) && isThere(made)) directories.add(made.path)
  const names = new Map(recording.initial)
  for (const naming of recording.namings) {
    if (!happened(naming) || !isThere(naming)) continue
    const { path, file, from } = naming
    if (from !== undefined && names.get(from) === file) names.delete(from)
    if (file === null) names.delete(path)
    else names.set(path, file)
  }
  const files = new Map<string, Buffer>()
  for (const [path, file] of names) if (isReachable(path, directories)) files.set(path, bytesOf(file))
  return {
    files,
    directories: new Set([...directories].filter((path) => path === '' || isReachable(path, directories))),
  }

  function bytesOf({ initial, writes }: RecordedFile): Buffer {
    const content = new GrowingBuffer(initial)
    for (const write of writes) {
      if (!happened(write)) continue
      const durable = write.durable < place
      if ('size' in write) {
        if (durable || survives()) content.resize(write.size)
      } else if (durable) content.write(write.data, write.offset)
      else writeSectors(content, write, survives)
    }
    return content.bytes
  }
}

function writeSectors(content: GrowingBuffer, write: { data: Buffer; offset: number }, survives: () => boolean): void {
  const { data, offset } = write
  for (let start = 0; start < data.length; ) {
    const end = Math.min(data.length, start + SECTOR - ((offset + start) % SECTOR))
    if (survives()) content.write(data.subarray(start, end), offset + start)
    start = end
  }
}

function isReachable(path: string, directories: ReadonlySet<string>): boolean {
  for (let above = dirname(path); above !== '.'; above = dirname(above)) if (!directories.has(above)) return false
  return true
}

class GrowingBuffer {
  #buffer: Buffer
  #length: number

  constructor(initial: Buffer) {
    this.#buffer = Buffer.from(initial)
    this.#length = initial.length
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  write(data: Buffer, offset: number): void {
    if (offset + data.length > this.#length) this.resize(offset + data.length)
    data.copy(this.#buffer, offset)
  }

  /** What is new is zeros. */
  resize(length: number): void {
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, this.#buffer.length * 2))
      this.bytes.copy(larger)
      this.#buffer = larger
    } else if (length < this.#length) this.#buffer.fill(0, length, this.#length)
    this.#length = length
  }
}
