import type { ErrorReason } from '../../services/common/errors/catalogue.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { FileEntry } from '../files/contract.ts'
import { checkTime, type FileDeps, whenOpen } from '../files/deps.ts'
import { entryOf } from '../files/nodes.ts'
import { resolvePath, type TreePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { fileOf, readableFile } from '../files/read.ts'
import { inParallel } from '../in-parallel.ts'
import { type Candidate, candidates, placesOf } from './candidates.ts'
import { hasAll } from './passage.ts'
import { wordsOfContent } from './text.ts'
import { type QueryWord, wordsOf } from './words.ts'

/** A file that the caller may read, and how well it fits. */
export interface Found {
  readonly entry: FileEntry
  readonly score: number
  readonly byName: boolean
  readonly byText: boolean
}

/** All of these words, and as many files. */
export interface Wanted {
  readonly words: readonly QueryWord[]
  readonly limit: number
}

/** A candidate with its place, as it was when it was looked up. */
interface Placed {
  readonly candidate: Candidate
  readonly path: string
}

const FIRST = 250
const GROWTH = 8
/** Candidates that are asked about together. */
const BATCH = 500
const GONE: ReadonlySet<ErrorReason> = new Set(['ACCESS_DENIED', 'FILE_NOT_FOUND', 'INVALID_PATH'])

/**
 * The best files of a tree at and below a path that the caller may read: `limit` of them, or all there are. Costs what
 * fits better than the last of them, readable or not.
 * @param certain nothing has to be asked for
 */
export async function searchTree(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  wanted: Wanted,
  certain: boolean,
): Promise<readonly Found[]> {
  const { deadline } = context.scope
  const found: Found[] = []
  const seen = new Set<string>()
  for (let size = Math.max(FIRST, wanted.limit); ; size *= GROWTH) {
    const asked = size
    const rows = await deps.db.read(() => candidates(at.tree, wanted.words, asked), { deadline })
    const fresh = rows.filter(({ node_id }) => !seen.has(node_id))
    for (let start = 0; start < fresh.length; start += BATCH) {
      const batch = fresh.slice(start, start + BATCH)
      for (const { node_id } of batch) seen.add(node_id)
      const readable = await readableOf(deps, context, at, batch, certain)
      for (let next = 0; next < readable.length && found.length < wanted.limit; ) {
        const some = readable.slice(next, next + wanted.limit - found.length)
        next += some.length
        const settled = await inParallel(some.map((one) => () => settle(deps, context, one, wanted.words, certain)))
        found.push(...settled.flatMap((one) => one ?? []))
      }
      if (found.length >= wanted.limit) return found
      checkTime(context)
    }
    if (rows.length < size) return found
  }
}

async function readableOf(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  batch: readonly Candidate[],
  certain: boolean,
): Promise<readonly Placed[]> {
  const ids = batch.map(({ node_id }) => node_id)
  const places = await deps.db.read(() => placesOf(at.tree, ids), { deadline: context.scope.deadline })
  const placed = batch.flatMap((candidate) => {
    const path = places.get(candidate.node_id)
    return path !== undefined && isBelow(path, at.path) ? [{ candidate, path }] : []
  })
  if (certain) return placed
  const questions = placed.map(({ path }) => ({ path, access: 'read' }) as const)
  const answers = await deps.guard.ask(context, at.tree, questions)
  return placed.filter((_, index) => answers[index] === true)
}

function isBelow(path: string, base: string): boolean {
  return base === '/' || path === base || path.startsWith(`${base}/`)
}

/** The file as it is now, if it (still) may be read and has the words; it may have been another one when it was found. */
async function settle(
  deps: FileDeps,
  context: CallContext,
  { candidate, path }: Placed,
  words: readonly QueryWord[],
  certain: boolean,
): Promise<Found | null> {
  const { score } = candidate
  try {
    const file = await (certain ? nodeAt : readableFile)(deps, context, path)
    const entry = entryOf(file.path, file.node)
    if (file.node.content_hash === candidate.content_hash) {
      return { entry, score, byName: candidate.by_name === 1, byText: candidate.by_text === 1 }
    }
    const limit = deps.searchTextBytes
    const bytes = await deps.contents.range(
      file.node.content_hash,
      file.node.size,
      0,
      Math.min(file.node.size, limit + 1),
    )
    const byName = hasAll(wordsOf(path.slice(path.lastIndexOf('/') + 1)), words)
    const byText = hasAll(wordsOfContent(bytes, limit), words)
    return byName || byText ? { entry, score, byName, byText } : null
  } catch (error) {
    if (error instanceof NexusError && GONE.has(error.reason)) return null
    throw error
  }
}

/** As readableFile, where no permission has to be asked for. */
async function nodeAt(deps: FileDeps, context: CallContext, path: string) {
  const at = resolvePath(path, context.caller.tenant)
  const { node, mountId } = await whenOpen(deps, context, at, lookup)
  // What is known of it may be old, and its content not known at all.
  if (mountId !== null) return await readableFile(deps, context, path)
  return { path: at.path, node: fileOf(at.path, node) }
}
