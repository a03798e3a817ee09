import type { CallContext } from '../context.ts'
import { allBelowRoots } from './below-roots.ts'
import { type FileDeps, whenOpened } from './deps.ts'
import { lookThroughMount } from './mounted-listing.ts'
import { betweenMoves, type Look } from './moves.ts'
import { SERVER_TREE, type TreePath } from './paths.ts'
import { directoryAt, type Listing, type Located, listing, longListing } from './queries.ts'
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
  if (at.tree === SERVER_TREE) return await directory.everything()
  if (deps.guard.bypasses(context, at.tree)) {
    deps.guard.noteBypass(context, 'list', at.path)
    return await directory.everything()
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
  for (let size = deps.looks.first; ; ) {
    const found = await directory.look(size)
    const isAll = found.length < size
    if (isAll && found.length <= 1) return await directory.filtered(found)
    if (await directory.isCovered()) {
      const value = await directory.all(isAll ? found : undefined)
      if (value !== null) return { value, whole: true }
      // Rights may change while one waits for a turn: then they are asked for anew.
      await directory.enterLarge()
      continue
    }
    if (isAll && (found.length <= deps.looks.few || !isKnowable)) return await directory.filtered(found)
    const roots: Roots = isKnowable ? await directory.roots(size) : 'unknown'
    // What was read before everything could be is not all of it.
    if (typeof roots !== 'string' && !(await directory.isCovered())) {
      const value = await directory.below(roots)
      if (value !== null) return { value, whole: false }
      await directory.enterLarge()
      continue
    }
    if (isAll) return await directory.filtered(found)
    isKnowable = roots !== 'unknown'
    size = isKnowable ? size * GROWTH : Infinity
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
  #isLarge = false

  constructor(deps: FileDeps, context: CallContext, at: TreePath, recursive: boolean) {
    this.#deps = deps
    this.#context = context
    this.#at = at
    this.#recursive = recursive
  }

  /** Waits until what is large may be looked at as a whole. */
  async enterLarge(): Promise<void> {
    await this.#context.enterLarge?.()
    this.#isLarge = true
  }

  /** All that lies there, or so many of it. */
  async look(limit: number): Promise<readonly Located[]> {
    const isLong = limit > this.#deps.looks.first
    if (limit > this.#several) await this.enterLarge()
    const read = isLong ? longListing : listing
    const script = (at: TreePath, applied: number) => read(at, applied, { deep: this.#recursive, limit })
    const look = (context: CallContext): Promise<Listing> =>
      whenOpened(this.#deps, context, this.#at, script, { long: isLong })
    if (this.isRefreshed) return (await look(this.#context)).found
    this.isRefreshed = true
    const { seen, now } = await lookThroughMount(this.#deps, this.#context, this.#at, this.#recursive, look)
    this.#context = now
    return seen.found
  }

  /** All that lies there, for one who may see all of it. */
  async everything(): Promise<readonly Located[]> {
    const { first } = this.#deps.looks
    const found = await this.look(first)
    const all = await this.all(found.length < first ? found : undefined)
    return all === null ? await this.look(Infinity) : all
  }

  /**
   * All that lies there, whoever looks; null if it is large, which has to be waited for.
   * @param known that, if it was read already
   */
  async all(known?: readonly Located[]): Promise<readonly Located[] | null> {
    if (known !== undefined) return this.#shown(known)
    if (this.#isLarge) return await this.look(Infinity)
    const found = await this.look(this.#several)
    return found.length < this.#several ? this.#shown(found) : null
  }

  /** More is large: of such answers only a few are made at once. */
  get #several(): number {
    return this.#deps.looks.first * GROWTH
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

  /** What is seen by one who may read what is at and below roots; null if it is large, which has to be waited for. */
  async below(roots: readonly Root[]): Promise<readonly Located[] | null> {
    const options = { recursive: this.#recursive, limit: this.#isLarge ? Infinity : this.#several }
    const script = function* (at: TreePath, applied: number) {
      const { start, pendingSeq } = yield* directoryAt(at, applied)
      return { found: start === null ? [] : yield* allBelowRoots(at.tree, start, roots, options), pendingSeq }
    }
    const { found } = await whenOpened(this.#deps, this.#context, this.#at, script, { long: true })
    return found.length < options.limit ? found : null
  }
}
