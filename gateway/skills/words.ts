import { rawWords } from '../search/words.ts'

/** How often each word stands in a text; at most `limit` different ones, the first. Words are spelled as `rawWords` does. */
export function countWords(text: string, limit: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of rawWords(text)) {
    const known = counts.get(word)
    if (known !== undefined) counts.set(word, known + 1)
    else if (counts.size < limit) counts.set(word, 1)
  }
  return counts
}
