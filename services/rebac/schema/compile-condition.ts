import { Environment } from '@marcbachmann/cel-js'
import { NexusError, describeError } from '../../common/errors/nexus-error.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { nameProblem } from '../model/validate-names.ts'
import type { Condition } from './condition.ts'
import { costProblems } from './condition-cost.ts'
import { celType, parameterTypeText, toCelValue } from './condition-values.ts'
import type { ConditionDraft, ParameterDraft } from './draft.ts'
import { IpAddress, parseCidr } from './ip-address.ts'
import type { Problems } from './problems.ts'

/** Longest text that matches() searches; see condition-cost.ts. */
const MAX_MATCHED_LENGTH = 256

const language = new Environment({
  homogeneousAggregateLiterals: false,
  limits: { maxAstNodes: 2000, maxDepth: 64, maxListElements: 1000, maxMapEntries: 1000, maxCallArguments: 16 },
})
  .registerType('ipaddress', { ctor: IpAddress, fields: {} })
  .registerFunction('ipaddress(string): ipaddress', (text: string) => {
    const address = IpAddress.parse(text)
    if (address === null) throw new Error(`${JSON.stringify(text)} is no IP address`)
    return address
  })
  .registerFunction('ipaddress.in_cidr(string): bool', (address: IpAddress, text: string) => {
    const range = parseCidr(text)
    if (range === null) throw new Error(`${JSON.stringify(text)} is no CIDR range`)
    return address.within(range)
  })

/** Compiles a condition; null, and problems added, if it is not valid. */
export function compileCondition(draft: ConditionDraft, problems: Problems): Condition | null {
  const before = problems.count
  const add = (message: string): void => problems.add(`condition ${draft.name}: ${message}`, draft.position)
  const problem = nameProblem(draft.name)
  if (problem !== null) add(`its name ${problem}`)
  if (draft.parameters.length === 0) add('has no parameters')

  const environment = language.clone()
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
      const value = own(stored, name) ?? own(request, name)
      if (value === undefined) missing.push(name)
      else context[name] = toCelValue(value, type, name)
    }
    if (missing.length > 0) {
      throw new NexusError('MISSING_CONTEXT', `The condition ${this.name} needs ${missing.join(', ')}.`, {
        data: { condition: this.name, missing },
      })
    }
    if (this.#matches) refuseLongTexts(context)
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

function own(context: JsonObject | null, name: string): JsonValue | undefined {
  return context !== null && Object.hasOwn(context, name) ? context[name] : undefined
}

function refuseLongTexts(context: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(context)) {
    const longest = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? 0 : item))?.length ?? 0
    if (longest > MAX_MATCHED_LENGTH) {
      throw new NexusError('INVALID_CONTEXT', `The parameter ${name} is too long for a condition that uses matches.`)
    }
  }
}

function firstLine(error: unknown): string {
  return (describeError(error).split('\n')[0] ?? '').replace(/\.$/, '')
}
