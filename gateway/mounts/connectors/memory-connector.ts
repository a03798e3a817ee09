import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import type { BackendContent, BackendEntry, BackendPage, Connector, NewBackendContent } from './contract.ts'
import { parentKey } from './keys.ts'

interface Stored {
  readonly bytes: Uint8Array
  readonly token: string
  readonly modifiedAt: number
}

/** Files in the memory of this process, gone with it: for tests and for trying things out. */
export class MemoryConnector implements Connector {
  readonly realDirectories = false
  readonly #files = new Map<string, Stored>()
  readonly #directories = new Set<string>()
  #writes = 0

  stat(key: string): Promise<BackendEntry | null> {
    return Promise.resolve(this.#entry(key))
  }

  list(key: string, deep: boolean): Promise<BackendPage> {
    const prefix = key === '' ? '' : `${key}/`
    const found = new Map<string, BackendEntry>()
    for (const file of [...this.#files.keys(), ...this.#directories]) {
      if (!file.startsWith(prefix) || file === key) continue
      const components = file.slice(prefix.length).split('/')
      for (let depth = 1; depth <= (deep ? components.length : 1); depth++) {
        const below = `${prefix}${components.slice(0, depth).join('/')}`
        const entry = this.#entry(below)
        if (entry !== null) found.set(below, entry)
      }
    }
    return Promise.resolve({ entries: [...found.values()], unusable: [], next: null })
  }

  read(key: string): Promise<BackendContent | null> {
    const stored = this.#files.get(key)
    if (stored === undefined) return Promise.resolve(null)
    const { bytes, token, modifiedAt } = stored
    return Promise.resolve({ token, modifiedAt, size: bytes.byteLength, bytes: Readable.from([bytes]) })
  }

  async write(key: string, content: NewBackendContent): Promise<BackendEntry> {
    const bytes = await buffer(await content.open())
    this.#files.set(key, { bytes, token: `${++this.#writes}`, modifiedAt: Date.now() })
    return this.#entry(key) ?? directory(key, true)
  }

  makeDirectory(key: string): Promise<void> {
    this.#directories.add(key)
    return Promise.resolve()
  }

  remove(key: string): Promise<void> {
    for (const names of [this.#files, this.#directories]) {
      for (const name of names.keys()) if (isWithin(name, key)) names.delete(name)
    }
    return Promise.resolve()
  }

  rename(from: string, to: string): Promise<void> {
    for (const [name, stored] of this.#files) {
      if (!isWithin(name, from)) continue
      this.#files.delete(name)
      this.#files.set(`${to}${name.slice(from.length)}`, stored)
    }
    for (const name of this.#directories) {
      if (!isWithin(name, from)) continue
      this.#directories.delete(name)
      this.#directories.add(`${to}${name.slice(from.length)}`)
    }
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #entry(key: string): BackendEntry | null {
    const stored = this.#files.get(key)
    if (stored !== undefined) {
      const { bytes, token, modifiedAt } = stored
      return { key, kind: 'file', implicit: false, size: bytes.byteLength, modifiedAt, token }
    }
    if (key === '' || this.#directories.has(key)) return directory(key, false)
    const names = [...this.#files.keys(), ...this.#directories]
    return names.some((name) => name !== key && isWithin(name, key)) ? directory(key, true) : null
  }
}

/** Whether a name is a key, or lies below it. */
function isWithin(name: string, key: string): boolean {
  for (let above = name; above !== ''; above = parentKey(above)) if (above === key) return true
  return false
}

/** A directory of a back end. */
export function directory(key: string, implicit: boolean): BackendEntry {
  return { key, kind: 'directory', implicit, size: 0, modifiedAt: null, token: '' }
}
