import { NexusError } from '../../services/common/errors/nexus-error.ts'

/** Bytes of UTF-8 that a whole path may ever have: the permission service takes no longer ids. */
export const MAX_PATH_BYTES = 1_024
/** Bytes of UTF-8 that one component may have. */
export const MAX_COMPONENT_BYTES = 255

/** The tree that holds what all tenants share. No tenant can have this name: it begins with an underscore. */
export const SERVER_TREE = '_server'
/** Where the server-wide tree appears. */
export const SERVER_ROOT = 'skill'

const TENANT_PREFIX = 'tenant:'
const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/
const CONTROL = /\p{Cc}/u

/** A normalised path and the tree that it belongs to. */
export interface TreePath {
  /** '/' or '/a/b'. */
  readonly path: string
  readonly components: readonly string[]
  /** The tenant whose tree it is in, or SERVER_TREE. */
  readonly tree: string
}

/**
 * The one spelling of a path: NFC, one leading slash, no trailing one, no components that are empty or `.`.
 * @throws NexusError INVALID_PATH
 */
export function normalizePath(input: string): string {
  if (!input.isWellFormed()) throw invalid('The path has a lone surrogate; paths are Unicode text.')
  const text = input.normalize('NFC').trim()
  if (text === '') throw invalid('The path is empty; it starts with "/".')
  if (CONTROL.test(text))
    throw invalid(`The path ${shown(text)} has a control character, such as a newline or tab; none is allowed.`)
  const components = text.split('/').filter((component) => component !== '' && component !== '.')
  for (const component of components) checkComponent(component, text)
  const path = `/${components.join('/')}`
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw invalid(`The path has ${Buffer.byteLength(path)} bytes; at most ${MAX_PATH_BYTES} are allowed.`)
  }
  return path
}

/**
 * Normalises a path and finds its tree: /skill is the server's, /tenant:X is tenant X's, all else is that of the
 * caller's tenant.
 * @throws NexusError INVALID_PATH
 */
export function resolvePath(input: string, callerTenant: string): TreePath {
  const path = normalizePath(input)
  const components = path === '/' ? [] : path.slice(1).split('/')
  return { path, components, tree: treeOf(components[0], callerTenant) }
}

/** As resolvePath, for operations that need something to stand at the path. @throws NexusError INVALID_PATH */
export function resolveFilePath(input: string, callerTenant: string): TreePath {
  const resolved = resolvePath(input, callerTenant)
  if (resolved.path === '/') {
    throw invalid("Root path '/' not allowed for file operations. Use list('/') for directory listings.: /")
  }
  return resolved
}

/** The directory above a path; '/' has none and is its own. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

const SURROGATE = /[\ud800-\udfff]/

/** Orders by path as the databases do: by the bytes of UTF-8. */
export function sortedByPath<T extends { readonly path: string }>(items: readonly T[]): T[] {
  const compare = items.some(({ path }) => hasSurrogate(path)) ? comparePaths : compareUnits
  return items.toSorted((a, b) => compare(a.path, b.path))
}

/** Whether the order of a path by UTF-16 units may differ from that by the bytes of UTF-8: it is above the basic plane. */
export function hasSurrogate(path: string): boolean {
  return SURROGATE.test(path)
}

/** The order of two paths by UTF-16 units, which is fast. */
export function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The order of two paths by the bytes of UTF-8. */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    // Surrogates stand for code points above all other units, although their numbers are lower than some.
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}

function treeOf(top: string | undefined, callerTenant: string): string {
  if (top === SERVER_ROOT) return SERVER_TREE
  if (top === undefined || !top.startsWith(TENANT_PREFIX)) return callerTenant
  const tenant = top.slice(TENANT_PREFIX.length)
  if (!TENANT.test(tenant)) {
    throw invalid(
      `The path names the tenant ${shown(tenant)}; a tenant is 1 to 63 of a-z, 0-9, "_", "-", and begins with a letter or digit.`,
    )
  }
  return tenant
}

function checkComponent(component: string, path: string): void {
  if (component === '..') throw invalid(`Path contains '..' segments: ${shown(path)}`)
  if (component.trim() !== component) {
    throw invalid(`The path component ${shown(component)} begins or ends with a space; remove it.`)
  }
  if (Buffer.byteLength(component) > MAX_COMPONENT_BYTES) {
    throw invalid(
      `A path component has ${Buffer.byteLength(component)} bytes; at most ${MAX_COMPONENT_BYTES} are allowed.`,
    )
  }
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

/** A text as it can be shown in a message: quoted, control characters escaped, not too long. */
function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text)
}

function invalid(message: string): NexusError {
  return new NexusError('INVALID_PATH', message)
}
