import type { CallContext } from '../context.ts'
import type { FileDeps } from './deps.ts'
import { parentPath, type TreePath } from './paths.ts'
import { childrenOf, type Located } from './queries.ts'

interface DirectoryAt {
  readonly nodeId: string
  readonly path: string
}

/**
 * Which of these directories have something readable below, by their node ids. Goes down level by level, and below a
 * directory only until the first find: what is shared is usually shared near the top.
 */
export async function readableBelow(
  deps: FileDeps,
  context: CallContext,
  tree: string,
  directories: readonly DirectoryAt[],
): Promise<ReadonlySet<string>> {
  const readable = new Set<string>()
  // Each directory of the level, with the one of the question that it lies below.
  let level = new Map(
    directories.map((directory) => [directory.nodeId, { path: directory.path, origin: directory.nodeId }]),
  )
  while (level.size > 0) {
    const ids = [...level.keys()]
    const rows = await deps.db.read(() => childrenOf(tree, ids), { deadline: context.scope.deadline })
    const found = rows.flatMap((row) => {
      const above = level.get(row.parent_id)
      return above === undefined ? [] : [{ ...row, path: `${above.path}/${row.name}`, origin: above.origin }]
    })
    const answers = await deps.guard.ask(
      context,
      tree,
      found.map(({ path }) => ({ path, access: 'read' })),
    )
    for (const [index, { origin }] of found.entries()) if (answers[index] === true) readable.add(origin)
    const deeper = found.filter(({ kind, origin }) => kind === 'directory' && !readable.has(origin))
    level = new Map(deeper.map(({ node_id, path, origin }) => [node_id, { path, origin }]))
  }
  return readable
}

/** Of what lies below a directory: what is readable, and the directories above it. */
export async function readableOf(
  deps: FileDeps,
  context: CallContext,
  { path, tree }: Pick<TreePath, 'path' | 'tree'>,
  found: readonly Located[],
): Promise<readonly Located[]> {
  if (await isCovered(deps, context, { path, tree }, found)) return found
  const answers = await deps.guard.ask(
    context,
    tree,
    found.map(({ path }) => ({ path, access: 'read' })),
  )
  if (answers.every(Boolean)) return found
  const visible = new Set<string>()
  for (const [index, one] of found.entries()) {
    if (answers[index] !== true) continue
    for (let path = one.path; path !== '/' && !visible.has(path); path = parentPath(path)) visible.add(path)
  }
  return found.filter(({ path }) => visible.has(path))
}

/** Of the children of one directory: what is readable, and directories with something readable below. */
export async function visibleOf(
  deps: FileDeps,
  context: CallContext,
  { path, tree }: Pick<TreePath, 'path' | 'tree'>,
  found: readonly Located[],
): Promise<readonly Located[]> {
  if (await isCovered(deps, context, { path, tree }, found)) return found
  const answers = await deps.guard.ask(
    context,
    tree,
    found.map(({ path }) => ({ path, access: 'read' })),
  )
  const closed = found.filter(({ node }, index) => answers[index] !== true && node.kind === 'directory')
  const below = await readableBelow(
    deps,
    context,
    tree,
    closed.map(({ node, path }) => ({ nodeId: node.node_id, path })),
  )
  return found.filter(({ node }, index) => answers[index] === true || below.has(node.node_id))
}

/** Whether all that was found in a directory may be read because the directory may: one question instead of many. */
async function isCovered(
  deps: FileDeps,
  context: CallContext,
  { path, tree }: Pick<TreePath, 'path' | 'tree'>,
  found: readonly Located[],
): Promise<boolean> {
  return found.length > 1 && (await deps.guard.covers(context, tree, { path, access: 'read' }))
}
