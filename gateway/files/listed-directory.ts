import type { CallContext } from '../context.ts'
import { belowRoots } from './below-roots.ts'
import { type FileDeps, whenOpened } from './deps.ts'
import { lookThroughMount } from './mounted-listing.ts'
import { betweenMoves, type Look } from './moves.ts'
import { SERVER_TREE, type TreePath } from './paths.ts'
import { directoryAt, type Listing, type Located, listing } from './queries.ts'
import { readableRoots, type Root, type Roots } from './readable-roots.ts'
import { GROWTH, isCovered, readableOf, visibleOf } from './visibility.ts'

/** What the caller can see in a directory of one tree, or below it, in no order. */
export async function listTree(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  recursive: boolean,
): Promise<readonly Located[]> {
  const directory = new ListedDirectory(deps, context, at, recursive)
  if (at.tree === SERVER_TREE) return await directory.all()
  if (deps.guard.bypasses(context, at.tree)) {
    deps.guard.noteBypass(context, 'list', at.path)
    return await directory.all()
  }
  return await betweenMoves(deps, context, at.tree, () => lookFromEitherSide(deps, directory))
}

/** All below a directory as it is seen from above: no back end of a mount is asked, and administrators see no more. */
export async function listFromAbove(deps: FileDeps, context: CallContext, at: TreePath): Promise<readonly Located[]> {
  const directory = new ListedDirectory(deps, context, at, true)
  directory.isRefreshed = true
  return await betweenMoves(deps, context, at.tree, () => lookFromEitherSide(deps, directory))
}

/** Begins with a little of what lies there, and with a little of what may be read, and goes on with more of both. */
async function lookFromEitherSide(deps: FileDeps, directory: ListedDirectory): Promise<Look<readonly Located[]>> {
  let isKnowable = true
  for (let size = deps.looks.first; ; size = isKnowable ? size * GROWTH : Infinity) {
    const found = await directory.look(size)
    const isAll = found.length < size
    if (isAll && found.length <= 1) return await directory.filtered(found)
    if (await directory.isCovered()) return { value: await directory.all(isAll ? found : undefined), whole: true }
    if (isAll && (found.length <= deps.looks.few || !isKnowable)) return await directory.filtered(found)
    const roots: Roots = isKnowable ? await directory.roots(size) : 'unknown'
    // What was read before everything could be is not all of it.
    if (typeof roots !== 'string' && !(await directory.isCovered())) {
      return { value: await directory.below(roots), whole: false }
    }
    if (isAll) return await directory.filtered(found)
    isKnowable = roots !== 'unknown'
  }
}

/** One directory while somebody looks at it. */
class ListedDirectory {
  readonly #deps: FileDeps
  readonly #at: TreePath
  readonly #recursive: boolean
  #context: CallContext
  /** The back end of its mount, if it belongs to one, need not be asked any more. */
  isRefreshed = false

  constructor(deps: FileDeps, context: CallContext, at: TreePath, recursive: boolean) {
    this.#deps = deps
    this.#context = context
    this.#at = at
    this.#recursive = recursive
  }

  /** All that lies there, or so many of it. */
  async look(limit: number): Promise<readonly Located[]> {
    const script = (at: TreePath, applied: number) => listing(at, applied, { deep: this.#recursive, limit })
    const look = (context: CallContext): Promise<Listing> =>
      whenOpened(this.#deps, context, this.#at, script, { long: limit > this.#deps.looks.first })
    if (this.isRefreshed) return (await look(this.#context)).found
    this.isRefreshed = true
    const { seen, now } = await lookThroughMount(this.#deps, this.#context, this.#at, this.#recursive, look)
    this.#context = now
    return seen.found
  }

  /** All that lies there, whoever looks. @param known that, if it was read already */
  async all(known?: readonly Located[]): Promise<readonly Located[]> {
    if (known !== undefined) return this.#shown(known)
    const { first } = this.#deps.looks
    const found = await this.look(first)
    return this.#shown(found.length < first ? found : await this.look(Infinity))
  }

  /** The place of a directory that nobody made is shown by what lies in it. */
  #shown(found: readonly Located[]): readonly Located[] {
    return this.#recursive ? found.filter(({ node }) => node.implicit === 0) : found
  }

  isCovered(): Promise<boolean> {
    return isCovered(this.#deps, this.#context, this.#at)
  }

  roots(most: number): Promise<Roots> {
    return readableRoots(this.#deps, this.#context, this.#at, most)
  }

  /** Asks about each. */
  async filtered(all: readonly Located[]): Promise<Look<readonly Located[]>> {
    const found = this.#shown(all)
    const value = await (this.#recursive ? readableOf : visibleOf)(this.#deps, this.#context, this.#at, found)
    return { value, whole: value.length === found.length }
  }

  /** What is seen by one who may read what is at and below roots. */
  async below(roots: readonly Root[]): Promise<readonly Located[]> {
    const options = { recursive: this.#recursive, after: '', limit: Infinity }
    const script = function* (at: TreePath, applied: number) {
      const { start, pendingSeq } = yield* directoryAt(at, applied)
      return { found: start === null ? [] : yield* belowRoots(at.tree, start, roots, options), pendingSeq }
    }
    return (await whenOpened(this.#deps, this.#context, this.#at, script, { long: true })).found
  }
}
