import { isDeepStrictEqual } from 'node:util'
import { NexusError } from '../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../context.ts'
import { checkTime, type FileDeps, whenOpened } from '../files/deps.ts'
import { sharedPlaces } from '../files/foreign.ts'
import { betweenMoves } from '../files/moves.ts'
import { resolvePath, SERVER_TREE, type TreePath } from '../files/paths.ts'
import { lookup } from '../files/queries.ts'
import { isComplete } from './backlog.ts'
import type { Search, SearchAnswer, SearchHit, SearchQuery } from './contract.ts'
import { type Found, searchTree, type Wanted } from './search-tree.ts'
import { readStats } from './stats.ts'
import { queryWords } from './words.ts'
import { passageOf } from './hit-passage.ts'
import { inParallel } from '../in-parallel.ts'

/** More words would make the engines work for long, and no query needs them. */
const MAX_WORDS = 32

/** Searches what the file system indexes when it writes. */
export function createSearch(deps: FileDeps): Search {
  return {
    find: (context, path, query) => find(deps, context, path, query),
    complete: (context) => deps.db.read(isComplete, { deadline: context.scope.deadline }),
    async stats(context) {
      const { tenant, isAdmin, isGlobalAdmin, agentId } = context.caller
      if (agentId !== null || !(isAdmin || isGlobalAdmin)) {
        throw new NexusError('ACCESS_DENIED', 'Access denied: what the index holds is told to administrators only.')
      }
      const counts = await deps.db.read(() => readStats(tenant), { long: true, deadline: context.scope.deadline })
      return { ...counts, textBytes: deps.searchTextBytes }
    },
  }
}

async function find(deps: FileDeps, context: CallContext, path: string, query: SearchQuery): Promise<SearchAnswer> {
  const at = resolvePath(path, context.caller.tenant)
  const words = queryWords(query.query)
  if (words.length === 0) throw new NexusError('INVALID_PARAMS', "parameter 'query' has no letter and no digit")
  if (words.length > MAX_WORDS)
    throw new NexusError('INVALID_PARAMS', `parameter 'query' has more than ${MAX_WORDS} words`)
  // Asked for first: what is complete now stays so.
  const complete = await deps.db.read(isComplete, { deadline: context.scope.deadline })
  const found = [...(await searchPlaces(deps, context, at, { words, limit: query.limit + 1 }))]
  found.sort((a, b) => b.score - a.score || (a.entry.path < b.entry.path ? -1 : 1))
  const best = found[0]?.score ?? 1
  const page = found.slice(0, query.limit)
  const hits = await inParallel(
    page.map((one) => async (): Promise<SearchHit> => {
      const { entry, byName, byText } = one
      const passage = await passageOf(deps, one, words, query.passage)
      return { entry, byName, byText, passage, score: Math.round((one.score / best) * 10_000) / 10_000 }
    }),
  )
  return { hits, more: found.length > query.limit, complete }
}

/** As list, '/' is the caller's tenant, the server-wide tree and what other tenants share with the caller. */
async function searchPlaces(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  wanted: Wanted,
): Promise<readonly Found[]> {
  const search = async (places: readonly TreePath[]) =>
    (await Promise.all(places.map((place) => settledSearch(deps, context, place, wanted)))).flat()
  if (at.path !== '/') return await search([at])
  const own = await search([at, { ...at, tree: SERVER_TREE }])
  for (let before = await sharedPlaces(deps, context); ; ) {
    const shared = await search(before)
    const after = before.length === 0 ? before : await sharedPlaces(deps, context)
    // What was moved meanwhile would be missing.
    if (isDeepStrictEqual(before, after)) return [...own, ...shared]
    checkTime(context)
    before = after
  }
}

/** Nothing is moved between the look at the tree and the question for its permissions. */
async function settledSearch(
  deps: FileDeps,
  context: CallContext,
  at: TreePath,
  wanted: Wanted,
): Promise<readonly Found[]> {
  await whenOpened(deps, context, at, lookup)
  if (at.tree === SERVER_TREE) return await searchTree(deps, context, at, wanted, true)
  if (deps.guard.bypasses(context, at.tree)) {
    deps.guard.noteBypass(context, 'search', at.path)
    return await searchTree(deps, context, at, wanted, true)
  }
  return await betweenMoves(deps, context, at.tree, async () => ({
    value: await searchTree(deps, context, at, wanted, false),
    whole: false,
  }))
}
