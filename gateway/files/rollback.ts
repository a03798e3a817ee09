import type { CallContext } from '../context.ts'
import { change } from './change.ts'
import type { FileDeps } from './deps.ts'
import { resolveFilePath } from './paths.ts'
import { fileOf } from './read.ts'
import { versionOf } from './version-rows.ts'
import { noVersion } from './versions.ts'
import { decideWrite, indexerOf, PreparedContent, writeRequest } from './write.ts'

/** Makes the content of an old version that of a new one. Needs what write needs. @throws NexusError FILE_NOT_FOUND */
export async function rollback(deps: FileDeps, context: CallContext, path: string, version: number): Promise<void> {
  const at = resolveFilePath(path, context.caller.tenant)
  const { deadline } = context.scope
  await change(deps, context, at, async (found) => {
    const decision = await decideWrite(deps, context, at, found)
    const node = fileOf(at.path, found.node)
    const old = await deps.db.read(() => versionOf(at.tree, node.node_id, version), { deadline })
    if (old === null) throw noVersion(at.path, version)
    const prepared = new PreparedContent(
      {
        action: 'rollback',
        source: { type: 'rollback', reason: `Rollback to version ${version}` },
        store: () => Promise.resolve({ hash: old.etag, size: old.size }),
        index: async (place) =>
          indexerOf(deps, place)?.index(place, await deps.contents.get(old.etag, old.size)) ?? null,
      },
      at.path,
    )
    const request = await writeRequest(deps, context, { at, found, decision, prepared, options: {} })
    return await deps.db.write('writeFile', request, { group: at.tree, deadline })
  })
}
