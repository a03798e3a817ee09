import { MAX_COMPONENT_BYTES, MAX_PATH_BYTES } from '../../files/paths.ts'

/** Components of a path in an archive, the skill's directory among them. */
const MAX_COMPONENTS = 32
/** Names in one archive, with those of directories that have no entry of their own. */
export const MAX_NAMES = 20_000

/** Why an entry cannot have this name, or null. A directory's ends with a slash. */
export function nameProblem(name: string): string | null {
  const shown = JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}...` : name)
  if (name === '' || name === '/') return 'an entry has no name'
  if (!name.isWellFormed()) return `the name ${shown} is not Unicode text`
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return `the name ${shown} is absolute`
  if (name.includes('\\')) return `the name ${shown} has a backslash; components are separated by slashes`
  if (/\p{Cc}/u.test(name)) return `the name ${shown} has a control character`
  if (Buffer.byteLength(name.normalize('NFC')) > MAX_PATH_BYTES)
    return `the name ${shown} has more than ${MAX_PATH_BYTES} bytes`
  const components = (name.endsWith('/') ? name.slice(0, -1) : name).normalize('NFC').split('/')
  if (components.length > MAX_COMPONENTS)
    return `the name ${shown} has ${components.length} components; at most ${MAX_COMPONENTS} are allowed`
  for (const component of components) {
    if (component === '..' || component === '.') return `the name ${shown} has a component "${component}"`
    if (component === '') return `the name ${shown} has an empty component`
    if (component.trim() !== component) return `the name ${shown} has a component that begins or ends with a space`
    if (Buffer.byteLength(component) > MAX_COMPONENT_BYTES)
      return `the name ${shown} has a component of more than ${MAX_COMPONENT_BYTES} bytes`
  }
  return null
}

/**
 * Names that would be the same file on some systems: they differ by case or by how characters are composed, or one of
 * them is a file and a directory at once.
 */
export class NameProblems {
  /** By the name as the least particular system compares it: as it was written first, and what it is. */
  readonly #seen = new Map<
    string,
    { readonly path: string; readonly isDirectory: boolean; readonly isListed: boolean }
  >()

  /** Whether there are so many names that no more are looked at. */
  get isFull(): boolean {
    return this.#seen.size > MAX_NAMES
  }

  /** Why a path cannot stand beside those before it, or null. */
  add(path: string, isDirectory: boolean): string | null {
    const components = path.split('/')
    for (let depth = 1; depth < components.length; depth++) {
      const problem = this.#put(components.slice(0, depth).join('/'), true, false)
      if (problem !== null) return problem
    }
    return this.#put(path, isDirectory, true)
  }

  #put(path: string, isDirectory: boolean, isListed: boolean): string | null {
    // Upper case first: it makes SS of ß, as those systems do.
    const key = path.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
    const known = this.#seen.get(key)
    if (known === undefined) {
      this.#seen.set(key, { path, isDirectory, isListed })
      return null
    }
    const shown = JSON.stringify(path)
    if (known.path !== path)
      return `the names ${JSON.stringify(known.path)} and ${shown} differ by case or normalisation only`
    if (known.isDirectory !== isDirectory) return `${shown} is both a file and a directory`
    if (isListed && known.isListed) return `the name ${shown} stands there twice`
    if (isListed) this.#seen.set(key, { path, isDirectory, isListed })
    return null
  }
}
