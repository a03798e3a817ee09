import { crc32 } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from 'yauzl'
import { inParallel } from '../../in-parallel.ts'
import { MAX_SKILL_BYTES } from '../skill-directory.ts'
import { MAX_NAMES, NameProblems, nameProblem } from './entry-names.ts'

/** Entries of one archive, directories included. */
export const MAX_ENTRIES = 10_000
/** More than this many times the compressed size is no honest file, from `RATIO_FROM` bytes on. */
const MAX_RATIO = 200
const RATIO_FROM = 1_048_576
/** Problems of one kind after another help nobody. */
const MAX_PROBLEMS = 20

const FILE_TYPE = 0o170000
const REGULAR = 0o100000
const DIRECTORY = 0o040000
const SYMLINK = 0o120000
const STORED = 0
const DEFLATED = 8
/** The system that made an entry, for which the attributes have the type of the file. */
const UNIX = 3

/** A file of an archive, or a directory, whose content is null. */
export interface ArchiveEntry {
  /** Components by slashes, in NFC; without one at the end. */
  readonly path: string
  readonly content: Uint8Array | null
}

/** What an archive holds; nothing if it has problems. */
export interface Archive {
  readonly entries: readonly ArchiveEntry[]
  readonly problems: readonly string[]
}

interface Listed {
  readonly entry: Entry
  readonly path: string
  readonly isDirectory: boolean
}

/**
 * Reads a zip file as a stranger may have made it. Nothing is unpacked before all names, kinds and sizes were looked at;
 * what is unpacked is no larger than it said.
 */
export async function readArchive(bytes: Uint8Array): Promise<Archive> {
  let zip: ZipFile
  try {
    const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    zip = await fromBufferPromise(whole, { lazyEntries: true, decodeStrings: false })
  } catch (error) {
    // yauzl goes on with guesses.
    return failed([`this is no zip file that can be read: ${messageOf(error).split('. ', 1)[0]}`])
  }
  if (zip.entryCount > MAX_ENTRIES)
    return failed([`the archive has ${zip.entryCount} entries; at most ${MAX_ENTRIES} are allowed`])
  const { listed, problems } = await list(zip)
  if (problems.length > 0) return failed(problems)
  try {
    return { entries: await inParallel(listed.map((one) => () => unpack(zip, one))), problems: [] }
  } catch (error) {
    return failed([messageOf(error)])
  }
}

function failed(problems: readonly string[]): Archive {
  const left = problems.length - MAX_PROBLEMS
  const shown = problems.slice(0, MAX_PROBLEMS)
  return { entries: [], problems: left > 0 ? [...shown, `and ${left} more`] : shown }
}

async function list(zip: ZipFile): Promise<{ readonly listed: readonly Listed[]; readonly problems: string[] }> {
  const listed: Listed[] = []
  const problems: string[] = []
  const names = new NameProblems()
  let size = 0
  try {
    for await (const entry of zip.eachEntry()) {
      const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry
      const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true)
      const isDirectory = name.endsWith('/')
      const problem = nameProblem(name) ?? entryProblem(entry, name, isDirectory)
      const path = (isDirectory ? name.slice(0, -1) : name).normalize('NFC')
      const clash = problem === null ? names.add(path, isDirectory) : null
      size += entry.uncompressedSize
      if (problem !== null || clash !== null) problems.push(problem ?? clash ?? '')
      else listed.push({ entry, path, isDirectory })
      if (names.isFull) {
        problems.push(`the archive has more than ${MAX_NAMES} names, those of directories above its entries included`)
        break
      }
    }
  } catch (error) {
    problems.push(`the archive is damaged: ${messageOf(error)}`)
  }
  if (size > MAX_SKILL_BYTES)
    problems.push(`the archive unpacks to ${size} bytes; at most ${MAX_SKILL_BYTES} are allowed`)
  return { listed, problems }
}

function entryProblem(entry: Entry, name: string, isDirectory: boolean): string | null {
  const { compressedSize, compressionMethod: method, uncompressedSize: size } = entry
  const shown = JSON.stringify(name)
  if (entry.isEncrypted()) return `${shown} is encrypted`
  const type = entry.versionMadeBy >> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & FILE_TYPE : 0
  if (type === SYMLINK) return `${shown} is a symbolic link`
  if (type !== 0 && type !== REGULAR && type !== DIRECTORY) return `${shown} is neither a file nor a directory`
  if ((type === DIRECTORY) !== isDirectory && type !== 0)
    return `${shown} is a directory by one sign and not by another`
  if (isDirectory && size > 0) return `${shown} is a directory with a content`
  if (method !== STORED && method !== DEFLATED)
    return `${shown} is compressed by method ${method}; only deflate and none are read`
  if (size > RATIO_FROM && size > compressedSize * MAX_RATIO)
    return `${shown} unpacks to ${Math.round(size / Math.max(compressedSize, 1))} times its size; at most ${MAX_RATIO} times are allowed`
  return null
}

/** @throws Error if the bytes are not what the entry says of them */
async function unpack(zip: ZipFile, { entry, path, isDirectory }: Listed): Promise<ArchiveEntry> {
  if (isDirectory) return { path, content: null }
  let content: Buffer
  try {
    content = await buffer(await zip.openReadStreamPromise(entry))
  } catch (error) {
    throw new Error(`${JSON.stringify(path)} cannot be unpacked: ${messageOf(error)}`, { cause: error })
  }
  if (crc32(content) !== entry.crc32) throw new Error(`${JSON.stringify(path)} is damaged: its checksum is wrong`)
  return { path, content }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
