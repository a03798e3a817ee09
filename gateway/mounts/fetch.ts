import { v7 as uuidv7 } from 'uuid'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { FileDeps } from '../files/deps.ts'
import type { NodeRow } from '../files/nodes.ts'
import type { TreePath } from '../files/paths.ts'
import { wordsOfContent } from '../search/text.ts'
import { indexerOf } from '../files/write.ts'
import type { BackEnd } from './back-ends.ts'
import { keyOfPath } from './connectors/keys.ts'

/** Time for what follows when the bytes are there, in milliseconds. */
const STORE_MS = 10_000

export type FetchDeps = Pick<
  FileDeps,
  'db' | 'contents' | 'indexers' | 'keptVersions' | 'maxFileBytes' | 'searchTextBytes'
>

/** Brings the content of a file into the content store. Answers how many bytes came; 0 if it is gone or another one. */
export async function fetchContent(
  deps: FetchDeps,
  { mount, connector }: BackEnd,
  at: TreePath,
  node: Pick<NodeRow, 'node_id' | 'mount_token'>,
): Promise<number> {
  const found = await connector.read(keyOfPath(mount.mountPoint, at.path))
  if (found === null) return 0
  if (found.size > deps.maxFileBytes) {
    found.bytes.destroy()
    throw new NexusError('TOO_LARGE', `'${at.path}' has ${found.size} bytes; a file has at most ${deps.maxFileBytes}.`)
  }
  // Where no byte was taken, nothing else lets them go.
  const staged = await deps.contents.stage(found.bytes).finally(() => found.bytes.destroy())
  try {
    if (staged.size !== found.size) {
      throw new NexusError(
        'MOUNT_UNAVAILABLE',
        `The back end of the mount '${mount.mountPoint}' sent ${staged.size} of ${found.size} bytes of a file; try again.`,
      )
    }
    const deadline = Date.now() + STORE_MS
    for (;;) {
      const content = await deps.contents.putStaged(staged, deadline)
      const indexer = indexerOf(deps, at.path)
      const index = indexer?.index(at.path, await deps.contents.get(content.hash, content.size)) ?? null
      const start = await deps.contents.range(
        content.hash,
        content.size,
        0,
        Math.min(content.size, deps.searchTextBytes + 1),
      )
      const request = {
        tenant: mount.tenant,
        nodeId: node.node_id,
        path: at.path,
        mountId: mount.mountId,
        before: node.mount_token,
        token: found.token,
        modifiedAt: Math.round(found.modifiedAt ?? Date.now()),
        content,
        versionId: uuidv7(),
        index,
        words: wordsOfContent(start, deps.searchTextBytes),
        keptVersions: deps.keptVersions,
        now: Date.now(),
      }
      const outcome = await deps.db.write('storeFetched', request, { group: mount.tenant, deadline })
      if (outcome === 'done') return content.size
      if (outcome === 'changed') return 0
    }
  } finally {
    await staged.discard()
  }
}
