import { nameProblem } from '../model/validate-names.ts'
import { type ModelDraft, type RelationDraft, type TypeDraft, visitRewrite } from './draft.ts'
import { relationsWithEntry } from './entry-points.ts'
import { checkComputedRelations } from './computed-relations.ts'
import type { Problems } from './problems.ts'
import type { DirectType, Rewrite } from './schema.ts'

/**
 * The rules of OpenFGA's language that its grammar does not express. Adds every violation, so one of them may follow
 * from another; entry points are judged only where all names resolve.
 */
export function checkRules(model: ModelDraft, problems: Problems): void {
  const before = problems.count
  const context: RuleContext = {
    open: model.open,
    relations: new Map(model.types.map((type) => [type.name, new Map(type.relations.map((one) => [one.name, one]))])),
    conditions: new Set(model.conditions.map(({ name }) => name)),
    problems,
  }
  checkNames(model, problems)
  for (const type of model.types) {
    for (const relation of type.relations) new RelationRules(context, type, relation).check()
  }
  checkComputedRelations(model, problems)
  if (problems.count === before && !model.open) checkEntryPoints(model, problems)
}

function checkNames(model: ModelDraft, problems: Problems): void {
  const types = new Set<string>()
  for (const type of model.types) {
    if (types.has(type.name)) problems.add(`type ${type.name} is defined twice`, type.position)
    types.add(type.name)
    checkName('type', type.name, type, problems)
    for (const relation of type.relations) checkName(`relation ${type.name}#`, relation.name, relation, problems)
  }
}

function checkName(what: string, name: string, at: TypeDraft | RelationDraft, problems: Problems): void {
  const problem = nameProblem(name)
  const label = what.endsWith('#') ? `${what}${name}` : `${what} ${JSON.stringify(name)}`
  if (problem !== null) problems.add(`the name of ${label} ${problem}`, at.position)
  if (name === 'self' || name === 'this') problems.add(`${label}: "self" and "this" are reserved`, at.position)
}

/** What the rules of one relation look things up in. */
interface RuleContext {
  readonly open: boolean
  readonly relations: ReadonlyMap<string, ReadonlyMap<string, RelationDraft>>
  readonly conditions: ReadonlySet<string>
  readonly problems: Problems
}

class RelationRules {
  readonly #context: RuleContext
  readonly #type: TypeDraft
  readonly #relation: RelationDraft

  constructor(context: RuleContext, type: TypeDraft, relation: RelationDraft) {
    this.#context = context
    this.#type = type
    this.#relation = relation
  }

  check(): void {
    const { rewrite, directTypes } = this.#relation
    visitRewrite(rewrite, (node) => this.#checkRewrite(node))
    if (directTypes === 'any') return
    const direct = holdsDirect(rewrite)
    if (direct && directTypes.length === 0) this.#add('accepts direct relationships but names no types')
    if (!direct && directTypes.length > 0) this.#add('names types but accepts no direct relationships')
    for (const directType of directTypes) this.#checkDirectType(directType)
  }

  #checkRewrite(node: Rewrite): void {
    if (node.kind === 'computed') {
      if (node.relation === this.#relation.name) this.#add('refers to itself')
      else if (this.#find(this.#type.name, node.relation) === null) this.#undefined(this.#type.name, node.relation)
    } else if (node.kind === 'from') {
      this.#checkFrom(node.tupleset, node.relation)
    }
  }

  #checkFrom(tuplesetName: string, target: string): void {
    const tupleset = this.#find(this.#type.name, tuplesetName)
    if (tupleset === null) {
      this.#undefined(this.#type.name, tuplesetName)
      return
    }
    if (tupleset.rewrite.kind !== 'direct') {
      this.#add(`${target} from ${tuplesetName}: ${this.#type.name}#${tuplesetName} must be a direct relation only`)
    }
    if (tupleset.directTypes === 'any' || tupleset.directTypes.length === 0) return
    for (const direct of tupleset.directTypes) {
      if (direct.form === 'object') continue
      const what = `${tuplesetName} accepts ${directTypeText(direct)}`
      this.#add(`${target} from ${tuplesetName}: ${what}, but only plain objects can be followed`)
    }
    if (tupleset.directTypes.every((direct) => this.#find(direct.type, target) === null)) {
      const names = [...new Set(tupleset.directTypes.map((direct) => direct.type))].join(', ')
      this.#add(`${target} from ${tuplesetName}: no type of ${tuplesetName} (${names}) has the relation ${target}`)
    }
  }

  #checkDirectType(direct: DirectType): void {
    if (!this.#context.relations.has(direct.type)) {
      this.#add(`the type ${direct.type} is not defined`)
    } else if (direct.form === 'userset' && this.#find(direct.type, direct.relation) === null) {
      this.#undefined(direct.type, direct.relation)
    }
    if (direct.condition !== '' && !this.#context.conditions.has(direct.condition)) {
      this.#add(`the condition ${direct.condition} is not defined`)
    }
  }

  #find(type: string, relation: string): RelationDraft | null {
    return this.#context.relations.get(type)?.get(relation) ?? null
  }

  #undefined(type: string, relation: string): void {
    // In an open model what is not declared is a direct relation.
    if (!this.#context.open) this.#add(`the relation ${type}#${relation} is not defined`)
  }

  #add(message: string): void {
    this.#context.problems.add(`${this.#type.name}#${this.#relation.name}: ${message}`, this.#relation.position)
  }
}

function checkEntryPoints(model: ModelDraft, problems: Problems): void {
  const withEntry = relationsWithEntry(model)
  for (const type of model.types) {
    for (const relation of type.relations) {
      if (withEntry.has(`${type.name}#${relation.name}`)) continue
      problems.add(
        `${type.name}#${relation.name}: no relationship can ever grant it (no entry point)`,
        relation.position,
      )
    }
  }
}

/** Whether direct relationships count anywhere within the rewrite. */
export function holdsDirect(rewrite: Rewrite): boolean {
  let found = false
  visitRewrite(rewrite, (node) => {
    if (node.kind === 'direct') found = true
  })
  return found
}

/** A type restriction as the language writes it. */
export function directTypeText(direct: DirectType): string {
  const suffix = direct.form === 'wildcard' ? ':*' : direct.form === 'userset' ? `#${direct.relation}` : ''
  return `${direct.type}${suffix}${direct.condition === '' ? '' : ` with ${direct.condition}`}`
}
