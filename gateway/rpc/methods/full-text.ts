import { z } from 'zod'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import type { CallContext } from '../../context.ts'
import { normalizePath } from '../../files/paths.ts'
import type { Search, SearchAnswer, SearchHit, SearchQuery } from '../../search/contract.ts'
import { CACHE, defineMethod, type Method } from '../method.ts'
import { ignored, path, text, withDefault } from '../parameters.ts'
import { isoTime } from '../special-values.ts'

const MAX_QUERY = 1_024
const MAX_RESULTS = 100
const limit = withDefault(z.int().min(1).max(MAX_RESULTS), 10)
const query = text.min(1).max(MAX_QUERY)
/** Clients that know search by meaning say which they want; words are what every one of them gets. */
const searchMode = withDefault(z.enum(['semantic', 'keyword', 'hybrid']), 'keyword')
const HOME = '/tenant:default/user:admin'

/** Full-text search, and the methods of search by meaning, which answer by words as well. */
export function fullTextMethods(search: Search): Method[] {
  return [searchMethod(search), semanticSearch(search), semanticStats(search), semanticIndex(search)]
}

function searchMethod(search: Search): Method {
  return defineMethod({
    name: 'search',
    docs: {
      summary: 'Find files by words in their names and texts, the best first',
      example: { params: { query: 'workspace', path: HOME, limit: 5 } },
    },
    params: z.strictObject({ query, path: withDefault(path, '/'), limit, search_type: ignored, context: ignored }),
    cacheControl: CACHE.listing,
    async handle(params, context) {
      const { hits, more, complete } = await search.find(context, params.path, { ...params, passage: 'snippet' })
      return { results: hits.map(present), count: hits.length, has_more: more, complete }
    },
  })
}

function present({ entry, score, byName, byText, passage }: SearchHit) {
  return {
    path: entry.path,
    score,
    matched: [...(byName ? ['name'] : []), ...(byText ? ['text'] : [])],
    snippet: passage?.text ?? null,
    line: passage?.line ?? null,
    start_offset: passage?.start ?? null,
    end_offset: passage?.end ?? null,
    size: entry.size,
    etag: entry.etag,
    modified_at: isoTime(entry.modifiedAt),
  }
}

function semanticSearch(search: Search): Method {
  return defineMethod({
    name: 'semantic_search',
    docs: {
      summary: 'Find pieces of texts; this server has no model of meaning and looks for the words of the query',
      example: { params: { query: 'workspace', path: HOME } },
    },
    params: z.strictObject({
      query,
      path: withDefault(path, '/'),
      limit,
      filters: z.null().optional(),
      search_mode: searchMode,
      context: ignored,
    }),
    cacheControl: CACHE.listing,
    async handle(params, context) {
      const { hits } = await whole(search, context, params.path, { ...params, passage: 'chunk' })
      return hits.map(({ entry, score, passage }) => ({
        path: entry.path,
        chunk_index: passage?.chunk ?? 0,
        chunk_text: passage?.text ?? '',
        score,
        start_offset: passage?.start ?? 0,
        end_offset: passage?.end ?? 0,
      }))
    },
  })
}

/** A list has no place to say that it may be too short. @throws NexusError UNAVAILABLE */
async function whole(search: Search, context: CallContext, at: string, asked: SearchQuery): Promise<SearchAnswer> {
  const answer = await search.find(context, at, asked)
  if (answer.complete) return answer
  throw new NexusError(
    'UNAVAILABLE',
    'Files that were there before are still being indexed for search; try again later.',
  )
}

function semanticStats(search: Search): Method {
  return defineMethod({
    name: 'semantic_search_stats',
    docs: { summary: 'How much of the tenant is indexed for search', example: { params: {} } },
    params: z.strictObject({ context: ignored }),
    cacheControl: CACHE.revalidate,
    async handle(_params, context) {
      const { files, indexedFiles, complete, textBytes } = await search.stats(context)
      return {
        total_files: files,
        indexed_files: indexedFiles,
        complete,
        indexed_bytes_per_file: textBytes,
        engine: 'full-text',
        embedding_model: null,
      }
    },
  })
}

function semanticIndex(search: Search): Method {
  return defineMethod({
    name: 'semantic_search_index',
    docs: {
      summary: 'Index files for search; every write does so by itself, so there is nothing left to do',
      example: { params: { path: HOME } },
    },
    params: z.strictObject({
      path: withDefault(path, '/'),
      recursive: withDefault(z.boolean(), true),
      context: ignored,
    }),
    cacheControl: CACHE.none,
    async handle(params, context) {
      normalizePath(params.path)
      return { indexed: {}, complete: await search.complete(context) }
    },
  })
}
