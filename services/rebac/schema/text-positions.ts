import type { Position } from './problems.ts'

/** Finds where the types, relations and conditions of a DSL text are declared, for error messages. */
export class TextPositions {
  readonly #types = new Map<string, Position>()
  readonly #relations = new Map<string, Position>()
  readonly #conditions = new Map<string, Position>()

  constructor(text: string) {
    let type = ''
    for (const [index, line] of text.split('\n').entries()) {
      const match = /^(\s*(?:extend\s+)?(type|define|condition)\s+)([^\s:(]+)/.exec(line)
      if (match === null) continue
      const [, lead = '', keyword, name = ''] = match
      const position = { line: index + 1, column: lead.length + 1 }
      if (keyword === 'type') {
        type = name
        this.#types.set(name, position)
      } else if (keyword === 'define') {
        this.#relations.set(`${type}#${name}`, position)
      } else {
        this.#conditions.set(name, position)
      }
    }
  }

  type(name: string): Position | null {
    return this.#types.get(name) ?? null
  }

  relation(type: string, name: string): Position | null {
    return this.#relations.get(`${type}#${name}`) ?? null
  }

  condition(name: string): Position | null {
    return this.#conditions.get(name) ?? null
  }
}
