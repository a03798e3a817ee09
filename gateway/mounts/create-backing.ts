import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { Backing, OpenMount } from '../files/backing.ts'
import type { FileDeps } from '../files/deps.ts'
import type { BackEnd, BackEnds } from './back-ends.ts'
import { keyOfPath } from './connectors/keys.ts'
import { fetchContent } from './fetch.ts'
import { refresh } from './listing/refresh.ts'
import { PathLocks } from './path-locks.ts'

/** What the file system asks of mounts. */
export function createBacking(deps: Omit<FileDeps, 'backing'>, backEnds: BackEnds): Backing {
  const locks = new PathLocks(deps.db)
  return {
    async refresh({ scope }, at, mountId, extent) {
      const backEnd = await backEnds.get(at.tree, mountId, scope.deadline)
      // It was removed: whoever asks looks again, and sees that.
      if (backEnd !== null) await refresh(deps, backEnd, at, extent, scope.deadline)
    },

    async fetch({ scope }, at, mountId, node) {
      const backEnd = await backEnds.get(at.tree, mountId, scope.deadline)
      if (backEnd !== null) await fetchContent(deps, backEnd, at, node)
    },

    async exclusively({ scope }, paths, mountId, task) {
      const [first] = paths
      if (first === undefined) throw new Error('a change without a path')
      const backEnd = await backEnds.get(first.tree, mountId, scope.deadline)
      if (backEnd === null) throw new NexusError('UNAVAILABLE', 'The mount is being removed; try again.')
      if (backEnd.mount.readonly) throw readOnly(first.path, backEnd)
      const names = paths.map(({ path }) => path)
      return await locks.hold(first.tree, names, scope.deadline, (owner) => task(openMount(deps, backEnd, owner)))
    },
  }
}

function readOnly(path: string, { mount }: BackEnd): NexusError {
  return new NexusError(
    'READ_ONLY',
    `Access denied: '${path}' cannot be changed, because '${mount.mountPoint}' is mounted read-only.`,
  )
}

function openMount(deps: Omit<FileDeps, 'backing'>, backEnd: BackEnd, owner: string): OpenMount {
  const { mount, connector } = backEnd
  const keyOf = (path: string): string => keyOfPath(mount.mountPoint, path)
  const { realDirectories } = connector
  return {
    realDirectories,
    refresh: ({ scope }, at, extent) => refresh(deps, backEnd, at, extent, scope.deadline, owner),
    async put(_context, at, { hash, size }) {
      const open = () => deps.contents.stream(hash, size, 0, size)
      const { token } = await connector.write(keyOf(at.path), { size, open })
      return { token, realDirectories }
    },
    makeDirectory: (_context, at) => connector.makeDirectory(keyOf(at.path)),
    remove: (_context, at, kind) => connector.remove(keyOf(at.path), kind),
    rename: (_context, at, to, kind) => connector.rename(keyOf(at.path), keyOf(to.path), kind),
  }
}
