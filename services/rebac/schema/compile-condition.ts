import type { Environment } from '@marcbachmann/cel-js'
import { NexusError, describeError } from '../../common/errors/nexus-error.ts'
import type { JsonObject } from '../../common/json.ts'
import { nameProblem } from '../model/validate-names.ts'
import { conditionLanguage, replaceFunctions } from './cel-language.ts'
import { beginMatching } from './cel-matches.ts'
import type { Condition } from './condition.ts'
import { costProblems } from './condition-cost.ts'
import { celType, parameterTypeText, toCelValue } from './condition-values.ts'
import type { ConditionDraft, ParameterDraft } from './draft.ts'
import type { Problems } from './problems.ts'

/** Compiles a condition; null, and problems added, if it is not valid. */
export function compileCondition(draft: ConditionDraft, problems: Problems): Condition | null {
  const before = problems.count
  const add = (message: string): void => problems.add(`condition ${draft.name}: ${message}`, draft.position)
  const problem = nameProblem(draft.name)
  if (problem !== null) add(`its name ${problem}`)
  if (draft.parameters.length === 0) add('has no parameters')

  const environment = conditionLanguage()
  for (const { name, type } of draft.parameters) {
    try {
      environment.registerVariable(name, celType(type))
    } catch {
      add(`${JSON.stringify(name)} cannot name a parameter`)
    }
  }
  if (problems.count > before) return null
  let program: ReturnType<Environment['parse']>
  try {
    program = environment.parse(draft.expression)
    for (const reason of costProblems(program.ast)) add(reason)
    replaceFunctions(program.ast)
    const checked = program.check()
    if (!checked.valid) add(firstLine(checked.error))
    else if (checked.type !== 'bool' && checked.type !== 'dyn') add(`gives ${checked.type}, but must give bool`)
  } catch (error) {
    add(firstLine(error))
    return null
  }
  return problems.count > before ? null : new CelCondition(draft, program)
}

class CelCondition implements Condition {
  readonly name: string
  readonly definition: string
  readonly parameters: readonly { readonly name: string; readonly type: string }[]
  readonly expression: string
  readonly #parameters: readonly ParameterDraft[]
  readonly #program: (context: Record<string, unknown>) => unknown
  readonly #matches: boolean

  constructor(draft: ConditionDraft, program: (context: Record<string, unknown>) => unknown) {
    this.name = draft.name
    this.#parameters = draft.parameters
    this.#program = program
    this.#matches = draft.expression.includes('matches')
    this.expression = draft.expression.trim()
    this.parameters = draft.parameters
      .map(({ name, type }) => ({ name, type: parameterTypeText(type) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const parameters = this.parameters.map(({ name, type }) => `${name}: ${type}`)
    this.definition = `(${parameters.join(', ')}) { ${this.expression} }`
  }

  evaluate(stored: JsonObject | null, request: JsonObject): boolean {
    const missing: string[] = []
    const context: Record<string, unknown> = {}
    for (const { name, type } of this.#parameters) {
      const given = stored !== null && Object.hasOwn(stored, name) ? stored : request
      if (Object.hasOwn(given, name)) context[name] = toCelValue(given[name]!, type, name)
      else missing.push(name)
    }
    if (missing.length > 0) {
      throw new NexusError('MISSING_CONTEXT', `The condition ${this.name} needs ${missing.join(', ')}.`, {
        data: { condition: this.name, missing },
      })
    }
    if (this.#matches) beginMatching()
    let result: unknown
    try {
      result = this.#program(context)
    } catch (error) {
      throw new NexusError('CONDITION_FAILED', `The condition ${this.name} failed: ${firstLine(error)}.`, {
        cause: error,
      })
    }
    if (typeof result === 'boolean') return result
    throw new NexusError('CONDITION_FAILED', `The condition ${this.name} did not give true or false.`)
  }

  validateStored(stored: JsonObject | null): void {
    for (const [name, value] of Object.entries(stored ?? {})) {
      const parameter = this.#parameters.find((known) => known.name === name)
      if (parameter === undefined) {
        throw new NexusError('INVALID_CONTEXT', `The condition ${this.name} has no parameter ${JSON.stringify(name)}.`)
      }
      toCelValue(value, parameter.type, name)
    }
  }
}

function firstLine(error: unknown): string {
  return (describeError(error).split('\n')[0] ?? '').replace(/\.$/, '')
}
