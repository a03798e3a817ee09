import { normalizePath } from '../../files/paths.ts'

/** The path of the tree that a key stands for, below a mount point. */
export function pathOfKey(mountPoint: string, key: string): string {
  return key === '' ? mountPoint : `${mountPoint}/${key}`
}

/** The key of a path at or below a mount point. */
export function keyOfPath(mountPoint: string, path: string): string {
  return path.slice(mountPoint.length + 1)
}

/**
 * Whether a key can be a path of the tree: one that would be spelt differently there could not be found again by it.
 * @param mountPoint the path must not be too long, with this before it
 */
export function isUsableKey(mountPoint: string, key: string): boolean {
  const path = pathOfKey(mountPoint, key)
  try {
    return normalizePath(path) === path
  } catch {
    return false
  }
}

/** The key of the directory that a key lies in. */
export function parentKey(key: string): string {
  const slash = key.lastIndexOf('/')
  return slash === -1 ? '' : key.slice(0, slash)
}
