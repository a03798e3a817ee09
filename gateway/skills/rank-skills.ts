import type { IndexedSkill } from './skill-rows.ts'
import { countWords } from './words.ts'

/** A skill with the words of its text that matter to a query, and how often each stands there. */
export interface SearchableSkill<S> {
  readonly skill: S
  readonly terms: readonly (readonly [term: string, uses: number])[]
}

type Named = Pick<IndexedSkill, 'name' | 'description' | 'path'>

/** How much a word counts in the name and in the description, against once in the text. */
const IN_NAME = 8
const IN_DESCRIPTION = 3
/** A word that only begins like the one that was asked for. */
const AS_PREFIX = 0.5
/** Shorter ones are the beginning of too many words; the spelling adds a letter. */
const MIN_PREFIX = 4
/** How soon more of the same counts less. */
const SATURATION = 1.2
/** A name that is the query itself. */
const EXACT_NAME = 1.5
const ALL_WORDS = 256

/**
 * Skills that have some of the words, the best first, with equal scores by name. As BM25 does, a word counts the more
 * the fewer skills have it, and the less the more often it was counted already.
 */
export function rankSkills<S extends Named>(
  skills: readonly SearchableSkill<S>[],
  words: readonly string[],
): readonly { readonly skill: S; readonly score: number }[] {
  const weights = skills.map(({ skill, terms }) => weightsOf(skill, terms, words))
  const rarity = words.map((_, index) => {
    const having = weights.filter((weight) => (weight[index] ?? 0) > 0).length
    return Math.log(1 + (skills.length - having + 0.5) / (having + 0.5))
  })
  const phrase = words.join(' ')
  return skills
    .map(({ skill }, at) => {
      const own = weights[at] ?? []
      const sum = own.reduce(
        (total, weight, index) => total + ((rarity[index] ?? 0) * weight) / (weight + SATURATION),
        0,
      )
      const isNamed = [...countWords(skill.name, ALL_WORDS).keys()].join(' ') === phrase
      return { skill, score: Number((sum * (isNamed ? EXACT_NAME : 1)).toFixed(6)) }
    })
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (a.skill.name < b.skill.name ? -1 : a.skill.name > b.skill.name ? 1 : 0))
}

/** How much of each word a skill has. */
function weightsOf(skill: Named, terms: SearchableSkill<Named>['terms'], words: readonly string[]): readonly number[] {
  const fields = [
    [countWords(skill.name, ALL_WORDS), IN_NAME],
    [countWords(skill.description, ALL_WORDS), IN_DESCRIPTION],
    [new Map(terms), 1],
  ] as const
  return words.map((word) =>
    fields.reduce((sum, [counts, factor]) => {
      let uses = 0
      for (const [term, count] of counts) uses += count * likeness(term, word)
      return sum + uses * factor
    }, 0),
  )
}

function likeness(term: string, word: string): number {
  if (term === word) return 1
  return word.length >= MIN_PREFIX && term.startsWith(word) ? AS_PREFIX : 0
}
