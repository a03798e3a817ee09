import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { FileVersion } from './contract.ts'
import type { FileDeps } from './deps.ts'
import { readableFile } from './read.ts'
import { versionOf, versionsOf } from './version-rows.ts'

/** All kept versions of a file, the newest first. Needs read. @throws NexusError as readableFile */
export async function listVersions(
  deps: FileDeps,
  context: CallContext,
  path: string,
): Promise<readonly FileVersion[]> {
  const { tree, node } = await readableFile(deps, context, path)
  const { deadline } = context.scope
  // Not what came after the look that the permission belongs to.
  return await deps.db.read(() => versionsOf(tree, node.node_id, node.version), { deadline })
}

/** Versions of a file with their contents, in the order in which they are asked for. Needs read. */
export async function readVersions(
  deps: FileDeps,
  context: CallContext,
  path: string,
  numbers: readonly number[],
): Promise<readonly { readonly version: FileVersion; readonly content: () => Promise<Uint8Array> }[]> {
  const file = await readableFile(deps, context, path)
  const { deadline } = context.scope
  const find = async (number: number): Promise<FileVersion> => {
    const found = await deps.db.read(() => versionOf(file.tree, file.node.node_id, number), { deadline })
    if (found === null || number > file.node.version) throw noVersion(file.path, number)
    return found
  }
  const content = async ({ version, etag, size }: FileVersion): Promise<Uint8Array> => {
    try {
      return await deps.contents.get(etag, size)
    } catch (error) {
      // Old versions go when there are too many; then so may their contents, at any moment.
      await find(version)
      throw error
    }
  }
  const found = await Promise.all(numbers.map(find))
  return found.map((version) => ({ version, content: () => content(version) }))
}

/** What is said of a version that never was, or is not kept any more. */
export function noVersion(path: string, version: number): NexusError {
  return new NexusError('FILE_NOT_FOUND', `Version ${version} of '${path}' does not exist, or is not kept any more.`)
}
