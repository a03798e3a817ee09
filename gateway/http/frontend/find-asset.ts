import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'

/**
 * The file that a URL's path names, below a directory that is free of symbolic links itself; null if there is none.
 * Names that begin with a dot, and whatever is reached by a symbolic link, are not there.
 */
export async function findAsset(root: string, urlPath: string): Promise<string | null> {
  const names = decoded(urlPath)?.split('/').slice(1)
  if (names === undefined || names.length === 0) return null
  if (names.some((name) => name === '' || name.startsWith('.') || /[\\\0]/.test(name))) return null
  const file = join(root, ...names)
  try {
    // A link anywhere on the way makes the real path another one.
    if ((await realpath(file)) !== file || !(await stat(file)).isFile()) return null
  } catch {
    return null
  }
  return names.join(sep)
}

function decoded(urlPath: string): string | null {
  try {
    return decodeURIComponent(urlPath)
  } catch {
    return null
  }
}
