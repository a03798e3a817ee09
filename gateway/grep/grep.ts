import type { ErrorReason } from '../../services/common/errors/catalogue.ts'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import type { FileEntry } from '../files/contract.ts'
import { type FileDeps, whenOpen } from '../files/deps.ts'
import { globsOf, stepsFor } from '../files/find.ts'
import type { Glob } from '../files/glob.ts'
import { list } from '../files/list.ts'
import { resolvePath, SERVER_TREE } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { readableFile, stat } from '../files/read.ts'
import { sortedInTurns } from '../files/sort-in-turns.ts'
import { inParallel } from '../in-parallel.ts'
import type { Grep, GrepAnswer, GrepMatch, GrepQuery } from './contract.ts'
import { type FoundFile, searchFiles } from './ripgrep.ts'
import { Turn } from '../slices.ts'
import { Slots } from '../slots.ts'

/** As many names as surely fit into the arguments of one program. */
const BATCH = 2_000
/** Why what was listed is not looked into: it was removed, closed, or replaced by a directory. */
const GONE: ReadonlySet<ErrorReason> = new Set(['ACCESS_DENIED', 'FILE_NOT_FOUND', 'INVALID_PATH'])

/** What it costs to name the content of a file, in steps of a few nanoseconds. */
const STEPS_PER_FILE = 200

/** Standard input, which is empty. */
const NOTHING = '-'

/** A file and the content that is looked into. */
interface Candidate {
  readonly path: string
  readonly etag: string
  readonly file: string
}

/** @param processes how many searches may run at once */
export function createGrep(deps: FileDeps, processes: number): Grep {
  const slots = new Slots(processes, 'searches')
  return async (context, path, query) => {
    const { files, skipped } = await candidates(deps, context, path, query)
    await slots.enter(context.scope.deadline)
    try {
      const found = await new Search(deps, context, query).run(files)
      return { ...found, skipped: [...found.skipped, ...skipped] }
    } finally {
      slots.leave()
    }
  }
}

/** What may be looked into, by path. */
async function candidates(
  deps: FileDeps,
  context: CallContext,
  path: string,
  query: GrepQuery,
): Promise<{ readonly files: readonly Candidate[]; readonly skipped: readonly string[] }> {
  const base = resolvePath(path, context.caller.tenant)
  const globs = query.filePattern === undefined ? null : globsOfFiles(query.filePattern, base.components)
  const below = await list(deps, context, path, { recursive: true })
  const itself = below.length === 0 ? await stat(deps, context, path) : null
  const known: Candidate[] = []
  const unknown: FileEntry[] = []
  const gone = context.gone?.()
  const turn = new Turn(gone, context.scope.deadline)
  for (const entry of itself === null ? below : [itself]) {
    const steps = STEPS_PER_FILE + (globs === null ? 0 : stepsFor(globs, entry.path))
    if (turn.enough(steps)) await turn.pause()
    if (globs !== null && !matches(globs, entry.path, base.components)) continue
    const candidate = candidateOf(deps, entry)
    if (candidate !== null) known.push(candidate)
    else if (entry.kind === 'file' && entry.etag === null) unknown.push(entry)
  }
  if (unknown.length === 0) return { files: known, skipped: [] }
  // From above a mount nobody waits for its back end.
  const { mountId } = await whenOpen(deps, context, base, lookup)
  if (mountId === null) return { files: known, skipped: unknown.map((entry) => entry.path) }
  const brought = await inParallel(unknown.map((entry) => () => current(deps, context, entry.path)))
  return { files: await sortedInTurns(known.concat(brought.filter((one) => one !== null)), gone), skipped: [] }
}

/** The file as the caller may read it now; null if it is not there, or may not be read. */
async function current(deps: FileDeps, context: CallContext, at: string): Promise<Candidate | null> {
  try {
    const { path, node } = await readableFile(deps, context, at)
    return candidateOf(deps, { path, etag: node.content_hash, size: node.size })
  } catch (error) {
    if (error instanceof NexusError && GONE.has(error.reason)) return null
    throw error
  }
}

/** null for a directory, and for an empty file, in which there is nothing to be found. */
function candidateOf(
  deps: FileDeps,
  { path, etag, size }: Pick<FileEntry, 'path' | 'etag' | 'size'>,
): Candidate | null {
  if (etag === null || size === 0) return null
  const file = deps.contents.fileOf(etag)
  if (file === null) throw new NexusError('UNIMPLEMENTED', 'The store of contents cannot be searched.')
  return { path, etag, file }
}

/** A pattern without a slash is about names, wherever they are. */
function globsOfFiles(pattern: string, base: readonly string[]): readonly Glob[] {
  return globsOf(pattern.includes('/') ? pattern : `**/${pattern}`, base)
}

function matches(globs: readonly Glob[], path: string, base: readonly string[]): boolean {
  const below = path.slice(1).split('/').slice(base.length)
  // A file that is searched by itself has no components below itself.
  const components = below.length === 0 ? base.slice(-1) : below
  return globs.some((glob) => glob.matches(components))
}

/** One search. */
class Search {
  readonly #deps: FileDeps
  readonly #context: CallContext
  readonly #query: GrepQuery
  readonly #matches: GrepMatch[] = []
  readonly #skipped: string[] = []

  constructor(deps: FileDeps, context: CallContext, query: GrepQuery) {
    this.#deps = deps
    this.#context = context
    this.#query = query
  }

  async run(files: readonly Candidate[]): Promise<GrepAnswer> {
    // A wrong pattern is one, also where there is nothing to look into.
    if (files.length === 0) await Array.fromAsync(searchFiles([NOTHING], this.#query, this.#limits()))
    for (let start = 0; start < files.length && !this.#full; start += BATCH) {
      await this.#batch(files.slice(start, start + BATCH))
    }
    const { maxResults } = this.#query
    return {
      matches: this.#matches.slice(0, maxResults),
      truncated: this.#full,
      skipped: this.#skipped,
    }
  }

  /** There is one more than may be answered. */
  get #full(): boolean {
    return this.#matches.length > this.#query.maxResults
  }

  async #batch(batch: readonly Candidate[]): Promise<void> {
    // Equal contents are one file, which is searched once for each path.
    const waiting = Map.groupBy(batch, ({ file }) => file)
    const search = searchFiles(
      batch.map(({ file }) => file),
      this.#query,
      this.#limits(),
    )
    for (let next = await search.next(); ; next = await search.next()) {
      if (next.done === true) return await this.#again(batch, next.value)
      const candidate = waiting.get(next.value.file)?.shift()
      if (candidate === undefined) throw new Error('ripgrep names a file that it was not given')
      await this.#take(candidate, next.value)
      if (this.#full) {
        await search.return('')
        return
      }
    }
  }

  /** Files that were gone before they could be looked into. */
  async #again(batch: readonly Candidate[], complaints: string): Promise<void> {
    if (complaints === '') return
    for (const candidate of batch) if (complaints.includes(candidate.file)) await this.#take(candidate, null)
  }

  /**
   * Takes what was found, if it is (still) what the caller may read: the permission was asked after the tree was read,
   * and the file may have been another one in between. Otherwise looks into what stands there now.
   */
  async #take(candidate: Candidate, found: FoundFile | null): Promise<void> {
    const now =
      found !== null && this.#certain(candidate) ? candidate : await current(this.#deps, this.#context, candidate.path)
    if (now === null) return
    if (now.etag === candidate.etag) {
      if (found === null) throw new NexusError('INTERNAL', `The content of '${now.path}' is missing from the store.`)
      this.#add(now.path, found)
      return
    }
    for await (const other of searchFiles([now.file], this.#query, this.#limits())) this.#add(now.path, other)
  }

  /** No permission was asked for: it could be read whatever it was. */
  #certain({ path }: Candidate): boolean {
    const { tree } = resolvePath(path, this.#context.caller.tenant)
    return tree === SERVER_TREE || this.#deps.guard.bypasses(this.#context, tree)
  }

  #add(path: string, { lines, cut }: FoundFile): void {
    this.#matches.push(...lines.map((line) => ({ path, ...line })))
    if (cut) this.#skipped.push(path)
  }

  #limits() {
    const { scope, gone } = this.#context
    const most = this.#query.maxResults - this.#matches.length + 1
    return { deadline: scope.deadline, gone: gone?.(), most }
  }
}
