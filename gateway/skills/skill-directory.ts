import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { nodesBelow, type NodeBelow } from '../files/below.ts'
import { checkTime, whenOpened } from '../files/deps.ts'
import { comparePaths, type TreePath } from '../files/paths.ts'
import { read } from '../files/read.ts'
import { lookup } from '../files/queries.ts'
import { inParallel } from '../in-parallel.ts'
import type { SkillDeps } from './deps.ts'
import { directoryOf } from './find-skill.ts'
import type { IndexedSkill } from './skill-rows.ts'

/** What a skill may hold, in bytes, to be handled as a whole. */
export const MAX_SKILL_BYTES = 67_108_864

/** A file of a skill; its path begins below the skill's directory, without a slash. */
export interface SkillFile {
  readonly path: string
  /** null in a mount, whose back end has it. */
  readonly hash: string | null
  readonly size: number
}

export interface SkillDirectory {
  readonly at: TreePath
  /** By path. */
  readonly files: readonly SkillFile[]
  /** Directories that somebody made and in which nothing is. */
  readonly empty: readonly string[]
}

/**
 * Everything that lies in a skill's directory. The caller must be able to read all of it.
 * @throws NexusError ACCESS_DENIED, TOO_LARGE
 */
export async function skillDirectory(
  deps: SkillDeps,
  context: CallContext,
  skill: IndexedSkill,
): Promise<SkillDirectory> {
  const at = directoryOf(skill)
  for (let before = await below(deps, context, at); ; ) {
    const questions = before.map(({ path }) => ({ path: `${at.path}/${path}`, access: 'read' }) as const)
    if (!deps.guard.bypasses(context, at.tree)) {
      const answers = await deps.guard.ask(context, at.tree, questions)
      const denied = questions.find((_, index) => answers[index] !== true)
      if (denied !== undefined) throw deps.guard.denial(context, 'read', denied)
    }
    // As with a file: only what stood there before and after is what the answers were about.
    const after = await below(deps, context, at)
    if (sameNodes(before, after)) return directory(at, after)
    checkTime(context)
    before = after
  }
}

/** The contents of a skill's files, in their order. */
export function contentsOf(
  deps: SkillDeps,
  context: CallContext,
  { at, files }: SkillDirectory,
): Promise<readonly { readonly path: string; readonly content: Uint8Array }[]> {
  const contentOf = async ({ path, hash, size }: SkillFile): Promise<Uint8Array> =>
    hash === null ? (await read(deps, context, `${at.path}/${path}`)).content : await deps.contents.get(hash, size)
  return inParallel(files.map((file) => async () => ({ path: file.path, content: await contentOf(file) })))
}

/** Everything that lies in a directory, whoever asks. @throws NexusError VALIDATION_FAILED, TOO_LARGE */
export async function filesIn(deps: SkillDeps, context: CallContext, at: TreePath): Promise<SkillDirectory> {
  return directory(at, await below(deps, context, at))
}

/** In a mount no content is known for certain before it is read: the back end may have changed it. */
async function below(deps: SkillDeps, context: CallContext, at: TreePath): Promise<readonly NodeBelow[]> {
  const { node, mountId } = await whenOpened(deps, context, at, lookup)
  if (node === null) throw new NexusError('VALIDATION_FAILED', `Skill not found: ${at.path}`)
  if (mountId !== null) await deps.backing.refresh(context, at, mountId, 'subtree')
  const nodes = await deps.db.read(() => nodesBelow(at.tree, node.node_id), { deadline: context.scope.deadline })
  const known = mountId === null ? nodes : nodes.map((one) => ({ ...one, content_hash: null }))
  return known.toSorted((a, b) => comparePaths(a.path, b.path))
}

function sameNodes(before: readonly NodeBelow[], after: readonly NodeBelow[]): boolean {
  if (before.length !== after.length) return false
  return before.every(({ node_id, version, path }, index) => {
    const other = after[index]
    return other?.node_id === node_id && other.version === version && other.path === path
  })
}

function directory(at: TreePath, nodes: readonly NodeBelow[]): SkillDirectory {
  const files = nodes.flatMap(({ kind, path, content_hash: hash, size }) =>
    kind === 'file' ? [{ path, hash, size }] : [],
  )
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  if (bytes > MAX_SKILL_BYTES) {
    throw new NexusError(
      'TOO_LARGE',
      `The skill in '${at.path}' has ${bytes} bytes; at most ${MAX_SKILL_BYTES} are handled at once.`,
    )
  }
  const holding = new Set(nodes.map(({ path }) => path.slice(0, path.lastIndexOf('/'))))
  const empty = nodes.filter(({ kind, path }) => kind === 'directory' && !holding.has(path)).map(({ path }) => path)
  return { at, files, empty }
}
