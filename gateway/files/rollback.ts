import type { CallContext } from '../context.ts'
import type { FileDeps } from './deps.ts'
import { resolveFilePath } from './paths.ts'
import type { Lookup } from './queries.ts'
import { nodeAsFile } from './read.ts'
import { versionOf } from './version-rows.ts'
import { noVersion } from './versions.ts'
import { indexerOf, PreparedContent, writePrepared } from './write.ts'

/** Makes the content of an old version that of a new one. Needs what write needs. @throws NexusError FILE_NOT_FOUND */
export async function rollback(deps: FileDeps, context: CallContext, path: string, version: number): Promise<void> {
  const at = resolveFilePath(path, context.caller.tenant)
  const { deadline } = context.scope
  const prepared = async (found: Lookup) => {
    const node = nodeAsFile(at.path, found.node)
    const old = await deps.db.read(() => versionOf(at.tree, node.node_id, version), { deadline })
    if (old === null) throw noVersion(at.path, version)
    return new PreparedContent(
      {
        action: 'rollback',
        source: { type: 'rollback', reason: `Rollback to version ${version}` },
        store: () => Promise.resolve({ hash: old.etag, size: old.size }),
        index: async (place) =>
          indexerOf(deps, place)?.index(place, await deps.contents.get(old.etag, old.size)) ?? null,
      },
      at.path,
    )
  }
  await writePrepared(deps, context, at, { prepared, options: {} })
}
