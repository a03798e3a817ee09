import { nameProblem } from '../model/validate-names.ts'
import { computedRelations, type ModelDraft, type RelationDraft, type TypeDraft, visitRewrite } from './draft.ts'
import { relationsWithEntry } from './entry-points.ts'
import type { Problems } from './problems.ts'
import type { DirectType, Rewrite } from './schema.ts'

/**
 * The rules of OpenFGA's language that its grammar does not express. Adds every violation, so one of them may follow
 * from another; entry points are judged only where all names resolve.
 */
export function checkRules(model: ModelDraft, problems: Problems): void {
  const before = problems.count
  const types = new Map(model.types.map((type) => [type.name, type]))
  checkNames(model, problems)
  for (const type of model.types) {
    for (const relation of type.relations) new RelationRules(model, types, type, relation, problems).check()
  }
  checkComputedCycles(model, problems)
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

class RelationRules {
  readonly #model: ModelDraft
  readonly #types: ReadonlyMap<string, TypeDraft>
  readonly #type: TypeDraft
  readonly #relation: RelationDraft
  readonly #problems: Problems

  constructor(
    model: ModelDraft,
    types: ReadonlyMap<string, TypeDraft>,
    type: TypeDraft,
    relation: RelationDraft,
    problems: Problems,
  ) {
    this.#model = model
    this.#types = types
    this.#type = type
    this.#relation = relation
    this.#problems = problems
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
    if (!this.#types.has(direct.type)) {
      this.#add(`the type ${direct.type} is not defined`)
    } else if (direct.form === 'userset' && this.#find(direct.type, direct.relation) === null) {
      this.#undefined(direct.type, direct.relation)
    }
    if (direct.condition !== '' && !this.#model.conditions.some(({ name }) => name === direct.condition)) {
      this.#add(`the condition ${direct.condition} is not defined`)
    }
  }

  #find(type: string, relation: string): RelationDraft | null {
    return this.#types.get(type)?.relations.find(({ name }) => name === relation) ?? null
  }

  #undefined(type: string, relation: string): void {
    // In an open model what is not declared is a direct relation.
    if (!this.#model.open) this.#add(`the relation ${type}#${relation} is not defined`)
  }

  #add(message: string): void {
    this.#problems.add(`${this.#type.name}#${this.#relation.name}: ${message}`, this.#relation.position)
  }
}

/** A relation that is computed from itself on the same object can never be decided, with or without relationships. */
function checkComputedCycles(model: ModelDraft, problems: Problems): void {
  for (const type of model.types) {
    const edges = new Map(type.relations.map(({ name, rewrite }) => [name, computedRelations(rewrite)]))
    for (const relation of type.relations) {
      const seen = new Set<string>()
      const queue = [...(edges.get(relation.name) ?? [])].filter((name) => name !== relation.name)
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        if (seen.has(name)) continue
        seen.add(name)
        queue.push(...(edges.get(name) ?? []))
      }
      if (seen.has(relation.name)) {
        problems.add(`${type.name}#${relation.name}: is computed from itself in a cycle`, relation.position)
      }
    }
  }
}

function checkEntryPoints(model: ModelDraft, problems: Problems): void {
  const withEntry = relationsWithEntry(model)
  for (const type of model.types) {
    for (const relation of type.relations) {
      if (withEntry.has(`${type.name}#${relation.name}`)) continue
      problems.add(`${type.name}#${relation.name}: no relationship can ever grant it (no entry point)`, relation.position)
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
