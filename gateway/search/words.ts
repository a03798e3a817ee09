/** Longer words are known by their beginning, in characters. */
const MAX_WORD = 64
/** All words of one text together, in characters; PostgreSQL takes a megabyte with their places. */
const MAX_WORDS = 500_000

const WORD = /[\p{L}\p{N}]+/gu
/** Scripts that put no spaces between words. */
const UNSPACED =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+)/u

/**
 * The words of a text as both engines index them, separated by spaces. Letters and digits alone count; case, accents and
 * width do not. Where a script has no spaces every two characters that follow one another are a word. Words are spelled
 * such that neither engine's own reading of text can change them.
 */
export function wordsOf(text: string): string {
  let words = ''
  for (const word of rawWords(text)) {
    if (words.length + word.length > MAX_WORDS) break
    words += words === '' ? word : ` ${word}`
  }
  return words
}

/** A word of a query; `prefix`: any word that begins like this. */
export interface QueryWord {
  readonly word: string
  readonly prefix: boolean
}

/** What a query asks for: all of these words. `word*` asks for any word that begins like this. */
export function queryWords(query: string): readonly QueryWord[] {
  const found = new Map<string, QueryWord>()
  for (const [, part = '', star] of query.matchAll(/([^\s*]+)(\*?)/gu)) {
    const words = [...folded(part).matchAll(WORD)].flatMap(([word]) => split(word, false))
    for (const [index, { piece, open }] of words.entries()) {
      const prefix = open || (star === '*' && index === words.length - 1)
      const word = spelled(piece)
      found.set(`${word}${prefix ? '*' : ''}`, { word, prefix })
    }
  }
  return [...found.values()]
}

/** The words of a text one by one, with where they stand in it once it is folded. */
export function* rawWords(text: string): Generator<string> {
  for (const [word] of folded(text).matchAll(WORD)) for (const { piece } of split(word, true)) yield spelled(piece)
}

/** Without case, accents and width. */
function folded(text: string): string {
  // Upper case first: only there are ß and ss, or both forms of sigma, the same.
  return text
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .replaceAll(/\p{M}+/gu, '')
    .normalize('NFC')
}

/**
 * @param indexed of a text, whose last character may be looked for, too; of a query only a character that stands alone is
 *   looked for by itself, as the beginning of a pair
 */
function split(word: string, indexed: boolean): readonly { readonly piece: string; readonly open: boolean }[] {
  return word.split(UNSPACED).flatMap((part, index) => {
    if (part === '') return []
    if (index % 2 === 0) return [{ piece: shortened(part), open: false }]
    const characters = [...part]
    const pairs = characters.slice(1).map((character, at) => ({ piece: `${characters[at]}${character}`, open: false }))
    const last = { piece: characters.at(-1) ?? '', open: true }
    return indexed || pairs.length === 0 ? [...pairs, last] : pairs
  })
}

function shortened(word: string): string {
  return word.length <= MAX_WORD ? word : word.slice(0, MAX_WORD).toWellFormed()
}

function spelled(word: string): string {
  return /^[a-z0-9]+$/.test(word) ? `w${word}` : `x${Buffer.from(word, 'utf8').toString('hex')}`
}
