import type { ASTNode } from '@marcbachmann/cel-js'
import { isNode } from './cel-language.ts'
import { patternProblem } from './cel-matches.ts'

/**
 * A condition runs on every check, so what it can cost is bounded when the schema is written: macros iterate over at
 * most MAX_CONTEXT_ELEMENTS, so two levels of them are a million steps; what multiplies beyond that is refused.
 */
const MAX_MACRO_NESTING = 2
const iteratingMacros: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])
const refusedCalls: ReadonlyMap<string, string> = new Map([
  ['bind', 'cel.bind can double a value without bound'],
  ['split', 'split makes lists of unbounded length'],
  ['json', 'json makes values of unbounded size'],
])

/** Why an expression could cost too much; empty if it cannot. */
export function costProblems(root: ASTNode): readonly string[] {
  const found: string[] = []
  visit(root, 0, found)
  return [...new Set(found)]
}

function visit(value: unknown, macros: number, found: string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, macros, found)
    return
  }
  if (!isNode(value)) return
  if (value.op === 'call' && value.args[0] === 'matches') checkPattern(value.args[1][1], found)
  if (value.op !== 'rcall') {
    visit(value.args, macros, found)
    return
  }
  const [name, receiver, args] = value.args
  const refusal = refusedCalls.get(name)
  if (refusal !== undefined) found.push(refusal)
  visit(receiver, macros, found)
  if (iteratingMacros.has(name)) {
    if (macros + 1 > MAX_MACRO_NESTING) found.push(`macros are nested more than ${MAX_MACRO_NESTING} deep`)
    visit(args, macros + 1, found)
    return
  }
  if (name === 'matches') checkPattern(args[0], found)
  // A time zone makes the runtime format and parse a date, a thousand times dearer than anything else here.
  if (name.startsWith('get') && args.length > 0 && macros > 1) found.push(`${name} with a time zone in nested macros`)
  visit(args, macros, found)
}

function checkPattern(pattern: ASTNode | undefined, found: string[]): void {
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') {
    found.push('the pattern of matches must be a literal')
    return
  }
  const problem = patternProblem(pattern.args)
  if (problem !== null) found.push(problem)
}
