import { setImmediate as nextTurn } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import type { StoredContent } from '../content/contents.ts'
import type { CallContext } from '../context.ts'
import { canOwn, checkNewPath, mutation, newIds } from '../files/change.ts'
import { checkTime, whenOpen } from '../files/deps.ts'
import { parentPath, resolveFilePath, type TreePath } from '../files/paths.ts'
import { type Lookup, lookup } from '../files/queries.ts'
import { indexerOf } from '../files/write.ts'
import { inParallel } from '../in-parallel.ts'
import { wordsOfContent } from '../search/text.ts'
import { withDirectoriesAbove } from '../snapshots/commands/plan-restore.ts'
import type { InstallSkillRequest, LineageFacts } from './commands/install-skills.ts'
import type { SkillDeps } from './deps.ts'

/** A directory with a SKILL.md that is to stand somewhere. */
export interface NewSkill {
  readonly at: TreePath
  readonly name: string
  /** Paths begin below the directory. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[]
  /** Directories in which nothing is. */
  readonly empty?: readonly string[]
  /** Whether it may take the place of what stands there: what is not in it any more goes to the trash. */
  readonly replace: boolean
  readonly lineage?: LineageFacts
}

/**
 * Puts skills of one tree in their places: all, or none. A new one needs write on the directory in which it comes to
 * stand, one that is there already write on itself.
 * @throws NexusError ACCESS_DENIED, FILE_EXISTS, TOO_LARGE, INVALID_PATH, UNAVAILABLE
 */
export async function installSkills(
  deps: SkillDeps,
  context: CallContext,
  action: string,
  skills: readonly NewSkill[],
): Promise<void> {
  const { deadline } = context.scope
  const [tree = ''] = skills.map(({ at }) => at.tree)
  for (const skill of skills) checkPaths(deps, skill)
  let stored: readonly (readonly StoredContent[])[] | undefined
  let indexed: readonly InstallSkillRequest['indexed'][] | undefined
  for (;;) {
    const decided = await inParallel(
      skills.map((skill) => async () => {
        const found = await whenOpen(deps, context, skill.at, lookup)
        return { skill, found, decision: await decide(deps, context, action, skill.at, found) }
      }),
    )
    // Not before the caller is known to be allowed to: nobody else can fill the disk.
    stored ??= await inParallel(skills.map((skill) => () => store(deps, context, skill)))
    indexed ??= await inParallel(skills.map((skill) => () => indexedOf(deps, skill)))
    const [contents, rows] = [stored, indexed]
    const requests = decided.map(({ skill, found, decision }, index): InstallSkillRequest => {
      const { at, replace } = skill
      return {
        ...mutation(deps, context, at, found, decision.bypass),
        action,
        ids: newIds(deps, at),
        name: skill.name,
        replace,
        wanted: wantedOf(skill, contents[index] ?? []),
        indexed: rows[index] ?? [],
        words: wordsOf(deps, skill, contents[index] ?? []),
        owner: decision.owns ? null : context.caller.subject,
        keptVersions: deps.keptVersions,
        quota: deps.quota,
        lineage: skill.lineage ?? null,
      }
    })
    const made = await deps.db.write('installSkills', requests, { group: tree, deadline })
    if (made.outcome === 'done') {
      await Promise.all(made.receipts.map((receipt) => deps.outbox.committed(receipt, deadline)))
      return
    }
    if (made.outcome === 'pending') await deps.outbox.passed(tree, made.seq, deadline)
    if (made.outcome === 'uncollected') stored = undefined
    checkTime(context)
  }
}

/** Every path is one that the file system would give it, so that it can be named again. @throws NexusError INVALID_PATH */
function checkPaths(deps: SkillDeps, { at, files, empty = [] }: NewSkill): void {
  for (const below of [...files.map(({ path }) => path), ...empty]) {
    const path = `${at.path}/${below}`
    checkNewPath(deps, resolveFilePath(path, at.tree), `'${path}'`)
  }
}

/** @throws NexusError ACCESS_DENIED */
async function decide(
  deps: SkillDeps,
  context: CallContext,
  action: string,
  at: TreePath,
  found: Lookup,
): Promise<{ readonly bypass: boolean; readonly owns: boolean }> {
  const bypass = deps.guard.bypasses(context, at.tree)
  const where = found.node === null ? parentPath(at.path) : at.path
  const mayOwn = canOwn(context, at.tree)
  const [writes, owns] = await deps.guard.askToChange(context, at.tree, [
    { path: where, access: 'write' },
    { path: where, access: 'execute' },
  ])
  if (!bypass && writes !== true) throw deps.guard.denial(context, action, { path: at.path, access: 'write' })
  return { bypass, owns: !mayOwn || owns === true }
}

function store(deps: SkillDeps, context: CallContext, { files }: NewSkill): Promise<readonly StoredContent[]> {
  return inParallel(
    files.map(
      ({ content }) =>
        () =>
          deps.contents.put(content, context.scope.deadline),
    ),
  )
}

function wantedOf({ files, empty = [] }: NewSkill, contents: readonly StoredContent[]): InstallSkillRequest['wanted'] {
  const nodes = files.map(({ path }, index) => {
    const { hash = '', size = 0 } = contents[index] ?? {}
    return { path, kind: 'file', implicit: false, contentHash: hash, size, mimeType: null, ...ids() } as const
  })
  const directories = empty.map(
    (path) =>
      ({ path, kind: 'directory', implicit: false, contentHash: null, size: 0, mimeType: null, ...ids() }) as const,
  )
  return withDirectoriesAbove([...nodes, ...directories], ids)
}

function ids() {
  return { nodeId: uuidv7(), versionId: uuidv7() }
}

/** For the search in texts, by content. */
function wordsOf(
  deps: SkillDeps,
  { files }: NewSkill,
  contents: readonly StoredContent[],
): InstallSkillRequest['words'] {
  return files.map(({ content }, index) => [contents[index]?.hash ?? '', wordsOfContent(content, deps.searchTextBytes)])
}

/** Others have their turn between two skills: what is read here, strangers wrote. */
async function indexedOf(deps: SkillDeps, { at, files }: NewSkill): Promise<InstallSkillRequest['indexed']> {
  await nextTurn()
  return files.flatMap(({ path, content }) => {
    const whole = `${at.path}/${path}`
    const indexer = indexerOf(deps, whole)
    return indexer === undefined ? [] : [{ path, row: indexer.index(whole, content) }]
  })
}
