import type { FileDeps } from '../files/deps.ts'
import { chunkOf, type Passage, snippetOf } from './passage.ts'
import type { Found } from './search-tree.ts'
import { textOf } from './text.ts'
import type { QueryWord } from './words.ts'

/** The piece of a file's text that the words are in; null if it has no text, or a snippet has nothing to show. */
export async function passageOf(
  deps: FileDeps,
  { entry, byText }: Found,
  words: readonly QueryWord[],
  kind: 'snippet' | 'chunk',
): Promise<Passage | null> {
  if (entry.etag === null || (kind === 'snippet' && !byText)) return null
  const end = Math.min(entry.size, deps.searchTextBytes)
  const text = textOf(await deps.contents.range(entry.etag, entry.size, 0, end), end === entry.size)
  if (text === null) return null
  return kind === 'snippet' ? snippetOf(text, words) : chunkOf(text, words)
}
