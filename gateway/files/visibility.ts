import type { CallContext } from '../context.ts'
import { inSlices } from '../slices.ts'
import { waysTo } from './below-roots.ts'
import { type FileDeps, whenOpened } from './deps.ts'
import { parentPath, type TreePath } from './paths.ts'
import { childrenOf, directoryAt, type Located } from './queries.ts'
import { readableRoots, type Root } from './readable-roots.ts'
import type { DirectoryAt } from './walk.ts'

/** How much more is looked at when what was looked at was not enough. */
export const GROWTH = 8

/** So many questions are asked at once. */
const QUESTIONS = 4_096

type Place = Pick<TreePath, 'path' | 'tree' | 'components'>

/** Whether all that lies in a directory may be read because the directory may: one question instead of many. */
export function isCovered(deps: FileDeps, context: CallContext, { path, tree }: Place): Promise<boolean> {
  return deps.guard.covers(context, tree, { path, access: 'read' })
}

/** Which of these the caller may read, in order. */
async function askEach(
  deps: FileDeps,
  context: CallContext,
  tree: string,
  found: readonly { readonly path: string }[],
): Promise<readonly boolean[]> {
  const answers: boolean[] = []
  for await (const slice of inSlices(found, context.gone?.(), QUESTIONS)) {
    const questions = slice.map(({ path }) => ({ path, access: 'read' as const }))
    answers.push(...(await deps.guard.ask(context, tree, questions)))
  }
  return answers
}

/** Of all that lies below a directory: what is readable, and the directories above it. */
export async function readableOf(
  deps: FileDeps,
  context: CallContext,
  { tree }: Place,
  found: readonly Located[],
): Promise<readonly Located[]> {
  const answers = await askEach(deps, context, tree, found)
  if (answers.every(Boolean)) return found
  const gone = context.gone?.()
  const visible = new Set<string>()
  let index = 0
  for await (const slice of inSlices(found, gone)) {
    for (const one of slice) {
      if (answers[index++] !== true) continue
      for (let path = one.path; path !== '/' && !visible.has(path); path = parentPath(path)) visible.add(path)
    }
  }
  const seen: Located[] = []
  for await (const slice of inSlices(found, gone)) seen.push(...slice.filter(({ path }) => visible.has(path)))
  return seen
}

/** Of what lies in a directory, or below it: what is readable, and directories with something readable below. */
export async function visibleOf(
  deps: FileDeps,
  context: CallContext,
  at: Place,
  found: readonly Located[],
): Promise<readonly Located[]> {
  const answers = await askEach(deps, context, at.tree, found)
  const closed = found.filter(({ node }, index) => answers[index] !== true && node.kind === 'directory')
  const below = await readableBelow(
    deps,
    context,
    at,
    closed.map(({ node, path }) => ({ nodeId: node.node_id, path })),
  )
  return found.filter(({ node }, index) => answers[index] === true || below.has(node.node_id))
}

/**
 * Which of these directories, which are at or below a path, have something readable below, by their node ids. Goes down
 * level by level, and below a directory only until the first find: what is shared is usually shared near the top. Where a
 * level is large, what the caller may read is looked for instead, if that is less.
 */
export async function readableBelow(
  deps: FileDeps,
  context: CallContext,
  at: Place,
  directories: readonly DirectoryAt[],
): Promise<ReadonlySet<string>> {
  const readable = new Set<string>()
  // Each directory of the level, with the one of the question that it lies below.
  let level = new Map(
    directories.map((directory) => [directory.nodeId, { path: directory.path, origin: directory.nodeId }]),
  )
  for (let size = deps.looks.few; level.size > 0; ) {
    const ids = [...level.keys()]
    const rows = await deps.db.read(() => childrenOf(at.tree, ids, size), { deadline: context.scope.deadline })
    if (rows.length >= size) {
      const most = Math.max(size, deps.looks.first)
      const roots = await readableRoots(deps, context, at, most)
      if (typeof roots !== 'string') return await leadingTo(deps, context, at, directories, roots)
      size = roots === 'many' ? most * GROWTH : Infinity
      continue
    }
    const found = rows.flatMap((row) => {
      const above = level.get(row.parent_id)
      return above === undefined ? [] : [{ ...row, path: `${above.path}/${row.name}`, origin: above.origin }]
    })
    const answers = await askEach(deps, context, at.tree, found)
    for (const [index, { origin }] of found.entries()) if (answers[index] === true) readable.add(origin)
    const deeper = found.filter(({ kind, origin }) => kind === 'directory' && !readable.has(origin))
    level = new Map(deeper.map(({ node_id, path, origin }) => [node_id, { path, origin }]))
  }
  return readable
}

/** Those directories below which something stands at a root. */
async function leadingTo(
  deps: FileDeps,
  context: CallContext,
  at: Place,
  directories: readonly DirectoryAt[],
  roots: readonly Root[],
): Promise<ReadonlySet<string>> {
  const script = function* (place: TreePath, applied: number) {
    const { start, pendingSeq } = yield* directoryAt(place, applied)
    return { ways: start === null ? null : (yield* waysTo(place.tree, start, roots)).ways, pendingSeq }
  }
  const { ways } = await whenOpened(deps, context, at, script, { snapshot: true })
  const leads = ({ path }: DirectoryAt): boolean => ways !== null && (path === at.path ? ways.size > 0 : ways.has(path))
  return new Set(directories.filter(leads).map(({ nodeId }) => nodeId))
}
