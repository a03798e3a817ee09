import { NexusError } from '../../../../services/common/errors/nexus-error.ts'

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** Nothing stands there, or a link or a file stands where a directory would have to be. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))
}

/** Runs a change, and says in our terms why the host refuses it. */
export async function localError<T>(key: string, change: () => Promise<T>): Promise<T> {
  try {
    return await change()
  } catch (error) {
    const code = codeOf(error)
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) {
      throw new NexusError('READ_ONLY', `The host does not let the gateway change '${key}' in the mounted directory.`)
    }
    if (['ENOTDIR', 'ELOOP', 'EEXIST', 'EISDIR', 'ENOTEMPTY'].includes(code)) {
      throw new NexusError('FILE_EXISTS', `Something stands in the way of '${key}' in the mounted directory.`)
    }
    if (['ENOSPC', 'EDQUOT'].includes(code)) {
      throw new NexusError('STORAGE_FULL', 'The disk of the mounted directory is full; the write changed nothing.')
    }
    if (code === 'ENAMETOOLONG') throw new NexusError('INVALID_PATH', 'The host allows no name as long as this.')
    throw error
  }
}
