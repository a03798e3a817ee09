import type { BigIntStats } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../../../services/common/errors/nexus-error.ts'
import type { BackendContent, BackendEntry, BackendPage, Connector, NewBackendContent, TornPage } from '../contract.ts'
import { parentKey } from '../keys.ts'
import { directory } from '../memory-connector.ts'
import { DirectoryHandle } from './directory-handle.ts'
import { codeOf, isMissing, localError } from './local-errors.ts'

/** Files that are being written have names like this, and are not shown. */
const TEMPORARY = '.nexus-tmp-'
/** The whole of such a name. */
const TORN = /^\.nexus-tmp-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export interface LocalConnectorOptions {
  /** A directory that the configuration allows. */
  readonly root: string
  /** The directory below it that is mounted, as components. */
  readonly below: readonly string[]
}

/**
 * A directory of this machine. Symbolic links are not followed and not shown, wherever they lead; nor is anything else
 * that is neither a file nor a directory.
 */
export class LocalConnector implements Connector {
  readonly realDirectories = true
  readonly #options: LocalConnectorOptions

  constructor(options: LocalConnectorOptions) {
    this.#options = options
  }

  async stat(key: string): Promise<BackendEntry | null> {
    if (key === '') return directory('', false)
    try {
      await using parent = await this.#open(parentKey(key))
      return entryOf(key, await parent.stat(nameOf(key)))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async list(key: string, deep: boolean, from: unknown): Promise<BackendPage> {
    // What is still to be looked into; a page is one directory.
    const open = (from ?? [key]) as string[]
    const current = open.pop() ?? key
    const entries: BackendEntry[] = []
    const unusable: string[] = []
    try {
      await using here = await this.#open(current)
      for (const bytes of await here.names()) {
        const name = bytes.toString('utf8')
        if (name.startsWith(TEMPORARY)) continue
        const below = current === '' ? name : `${current}/${name}`
        if (!isUtf8(bytes)) {
          unusable.push(below)
          continue
        }
        const stats = await here.stat(name).catch(missing)
        const entry = stats === null ? null : entryOf(below, stats)
        if (entry !== null) entries.push(entry)
      }
    } catch (error) {
      // The mounted directory itself must be there: that it is away does not mean that all was deleted.
      if (current === '' || !isMissing(error)) throw error
    }
    if (deep) open.push(...entries.filter(({ kind }) => kind === 'directory').map((entry) => entry.key))
    return { entries, unusable, next: open.length === 0 ? null : open }
  }

  async read(key: string): Promise<BackendContent | null> {
    try {
      await using parent = await this.#open(parentKey(key))
      const handle = await parent.openFile(nameOf(key))
      let bytes: Readable | undefined
      try {
        const entry = entryOf(key, await handle.stat({ bigint: true }))
        if (entry?.kind !== 'file') return null
        bytes = handle.createReadStream()
        return { ...entry, bytes }
      } finally {
        if (bytes === undefined) await handle.close()
      }
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async write(key: string, content: NewBackendContent, signal: AbortSignal): Promise<BackendEntry> {
    return await localError(key, async () => {
      await using parent = await this.#make(parentKey(key))
      const name = nameOf(key)
      await requirePlain(key, parent, name)
      const temporary = `${TEMPORARY}${uuidv7()}`
      try {
        const file = await parent.createFile(temporary)
        try {
          for await (const piece of await content.open()) {
            signal.throwIfAborted()
            await file.writeFile(piece as Uint8Array)
          }
          await file.sync()
        } finally {
          await file.close()
        }
        await parent.rename(temporary, parent, name)
      } catch (error) {
        await parent.removeIfThere(temporary)
        throw error
      }
      await parent.sync()
      return entryOf(key, await parent.stat(name)) ?? directory(key, false)
    })
  }

  async makeDirectory(key: string): Promise<void> {
    await localError(key, async () => {
      const made = await this.#make(key)
      await made[Symbol.asyncDispose]()
    })
  }

  async remove(key: string, kind: BackendEntry['kind'], signal: AbortSignal): Promise<void> {
    await localError(key, async () => {
      await using parent = await this.#open(parentKey(key))
      if (kind === 'file') await parent.unlink(nameOf(key))
      else await removeTree(parent, nameOf(key), signal)
      await parent.sync()
    }).catch((error: unknown) => {
      if (!isMissing(error)) throw error
    })
  }

  async rename(from: string, to: string): Promise<void> {
    await localError(from, async () => {
      await using source = await this.#open(parentKey(from))
      await using target = await this.#make(parentKey(to))
      if ((await target.stat(nameOf(to)).catch(missing)) !== null) throw exists(to)
      await source.rename(nameOf(from), target, nameOf(to))
      await target.sync()
      await source.sync()
    })
  }

  async removeTorn(before: number, from: unknown): Promise<TornPage> {
    // As in list.
    const open = (from ?? ['']) as string[]
    const current = open.pop() ?? ''
    let removed = 0
    try {
      await using here = await this.#open(current)
      for (const entry of await here.entries()) {
        const name = entry.name.toString('utf8')
        if (entry.isDirectory() && isUtf8(entry.name)) open.push(current === '' ? name : `${current}/${name}`)
        if (!entry.isFile() || !TORN.test(name)) continue
        const stats = await here.stat(name).catch(missing)
        if (stats === null || !stats.isFile() || Number(stats.mtimeMs) >= before) continue
        await here.removeIfThere(name)
        removed++
      }
    } catch (error) {
      if (current === '' || !isMissing(error)) throw error
    }
    return { removed, next: open.length === 0 ? null : open }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** The directory of a key, entered step by step. */
  async #open(key: string): Promise<DirectoryHandle> {
    return await this.#walk(key, (directoryHandle, name) => directoryHandle.enter(name))
  }

  /** As open, and makes what is missing below the mount. */
  async #make(key: string): Promise<DirectoryHandle> {
    return await this.#walk(key, async (above, name) => {
      try {
        return await above.enter(name)
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error
      }
      await above.makeDirectory(name).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error
      })
      await above.sync()
      return await above.enter(name)
    })
  }

  async #walk(
    key: string,
    step: (above: DirectoryHandle, name: string) => Promise<DirectoryHandle>,
  ): Promise<DirectoryHandle> {
    const { root, below } = this.#options
    const names = key === '' ? [] : key.split('/')
    let here = await DirectoryHandle.open(root)
    for (const [index, name] of [...below, ...names].entries()) {
      try {
        const next = index < below.length ? here.enter(name) : step(here, name)
        const entered = await next
        await here[Symbol.asyncDispose]()
        here = entered
      } catch (error) {
        await here[Symbol.asyncDispose]()
        // That what is mounted is away is not the same as that something in it is not there.
        if (index < below.length) throw new Error('the mounted directory cannot be entered', { cause: error })
        throw error
      }
    }
    return here
  }
}

async function removeTree(above: DirectoryHandle, name: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  {
    await using here = await above.enter(name)
    for (const bytes of await here.names()) {
      if (!isUtf8(bytes))
        throw new NexusError('READ_ONLY', `A file in '${name}' has a name that is not UTF-8; remove it on the host.`)
      const child = bytes.toString('utf8')
      // A link is removed itself; what it leads to stays.
      if ((await here.stat(child)).isDirectory()) await removeTree(here, child, signal)
      else await here.unlink(child)
    }
  }
  await above.removeDirectory(name)
}

/** Only a file may be replaced: not a link, whose target would seem to be lost. */
async function requirePlain(key: string, parent: DirectoryHandle, name: string): Promise<void> {
  const stats = await parent.stat(name).catch(missing)
  if (stats !== null && !stats.isFile()) throw exists(key)
}

function exists(key: string): NexusError {
  return new NexusError('FILE_EXISTS', `Something that is no file stands at '${key}' in the mounted directory.`)
}

/** null for what is neither a file nor a directory. */
function entryOf(key: string, stats: BigIntStats): BackendEntry | null {
  if (stats.isDirectory()) return { ...directory(key, false), modifiedAt: Number(stats.mtimeMs) }
  if (!stats.isFile()) return null
  return {
    key,
    kind: 'file',
    implicit: false,
    size: Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
    token: `${stats.ino}-${stats.size}-${stats.mtimeNs}-${stats.ctimeNs}`,
  }
}

function missing(error: unknown): null {
  if (isMissing(error)) return null
  throw error
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}
