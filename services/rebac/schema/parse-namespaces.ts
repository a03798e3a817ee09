import * as z from 'zod'
import type { ModelDraft, RelationDraft, TypeDraft } from './draft.ts'
import { parseYaml } from './parse-json.ts'
import type { Problems } from './problems.ts'
import type { Rewrite } from './schema.ts'

// nexus-api.md 4.3. A name in a list is a relation; an operator may stand where a name does.
interface WireOperator {
  union?: WireOperand[] | undefined
  intersection?: WireOperand[] | undefined
  exclusion?: string | undefined
  tupleToUserset?: { tupleset: string; computedUserset: string } | undefined
}
type WireOperand = string | WireOperator

const operator: z.ZodType<WireOperator> = z.lazy(() =>
  z.strictObject({
    union: z.array(operand).min(1).optional(),
    intersection: z.array(operand).min(1).optional(),
    exclusion: z.string().optional(),
    tupleToUserset: z.strictObject({ tupleset: z.string(), computedUserset: z.string() }).optional(),
  }),
)
const operand: z.ZodType<WireOperand> = z.lazy(() => z.union([z.string(), operator]))

const namespaces = z.record(
  z.string(),
  z.strictObject({
    relations: z.record(z.string(), operator.nullish()).nullish(),
    permissions: z.record(z.string(), z.union([z.array(operand), operator])).nullish(),
  }),
)

type Namespace = z.infer<typeof namespaces>[string]

/** Reads Nexus namespaces, JSON or YAML, into an open model. Permissions become relations. */
export function parseNamespaces(text: string, problems: Problems): ModelDraft | null {
  const value = parseYaml(text, problems)
  if (value === null) {
    problems.add('the text holds no namespaces')
    return null
  }
  const parsed = namespaces.safeParse(value)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.add(`${issue.path.join('.') || 'the text'}: ${issue.message}`)
    return null
  }
  const types = Object.entries(parsed.data).map(([name, namespace]) =>
    new NamespaceReader(name, namespace, problems).read(),
  )
  return { open: true, types, conditions: [] }
}

const NOBODY: Rewrite = { kind: 'union', children: [] }

class NamespaceReader {
  readonly #type: string
  readonly #namespace: Namespace
  readonly #problems: Problems
  /** Relations such as `not_denied: {exclusion: denied}`, which mean something only as a member of an intersection. */
  readonly #loneExclusions: ReadonlyMap<string, string>
  readonly #usedExclusions = new Set<string>()

  constructor(type: string, namespace: Namespace, problems: Problems) {
    this.#type = type
    this.#namespace = namespace
    this.#problems = problems
    const lone = Object.entries(namespace.relations ?? {}).filter(([, wire]) => wire?.exclusion !== undefined)
    this.#loneExclusions = new Map(lone.map(([name, wire]) => [name, wire?.exclusion ?? '']))
  }

  read(): TypeDraft {
    const rewrites = new Map<string, Rewrite>()
    for (const [name, wire] of Object.entries(this.#namespace.relations ?? {})) {
      const rewrite = this.#loneExclusions.has(name) ? NOBODY : this.#operator(wire ?? {}, name)
      rewrites.set(name, rewrite)
    }
    // A permission wins over a relation of the same name; where it lists that name itself, it means the relation.
    const merged = new Map(rewrites)
    for (const [name, wire] of Object.entries(this.#namespace.permissions ?? {})) {
      const rewrite = Array.isArray(wire) ? this.#list(wire, name) : this.#operator(wire, name)
      const own = rewrites.get(name)
      merged.set(name, own === undefined ? rewrite : inline(rewrite, name, own))
    }
    for (const name of this.#loneExclusions.keys()) if (!this.#usedExclusions.has(name)) this.#loneExclusion(name)
    const relations = [...merged].map(
      ([name, rewrite]): RelationDraft => ({ name, position: null, rewrite, directTypes: 'any' }),
    )
    return { name: this.#type, position: null, relations }
  }

  #list(operands: readonly WireOperand[], name: string): Rewrite {
    return operands.length === 0
      ? NOBODY
      : { kind: 'union', children: operands.map((child) => this.#operand(child, name)) }
  }

  #operand(wire: WireOperand, name: string): Rewrite {
    if (typeof wire !== 'string') return this.#operator(wire, name)
    if (this.#loneExclusions.has(wire)) this.#loneExclusion(name)
    return { kind: 'computed', relation: wire }
  }

  #operator(wire: WireOperator, name: string): Rewrite {
    const kinds = Object.keys(wire).filter((key) => wire[key as keyof WireOperator] !== undefined)
    if (kinds.length > 1) this.#problem(name, `has several operators: ${kinds.join(', ')}`)
    if (wire.union) return this.#list(wire.union, name)
    if (wire.intersection) return this.#intersection(wire.intersection, name)
    if (wire.tupleToUserset) {
      return { kind: 'from', tupleset: wire.tupleToUserset.tupleset, relation: wire.tupleToUserset.computedUserset }
    }
    if (wire.exclusion !== undefined) this.#loneExclusion(name)
    return { kind: 'direct' }
  }

  /** Exclusions among the members are subtracted from the intersection of the others. */
  #intersection(operands: readonly WireOperand[], name: string): Rewrite {
    const excluded: Rewrite[] = []
    const required: Rewrite[] = []
    for (const child of operands) {
      const subtracted = typeof child === 'string' ? this.#loneExclusions.get(child) : child.exclusion
      if (subtracted === undefined) {
        required.push(this.#operand(child, name))
      } else {
        excluded.push({ kind: 'computed', relation: subtracted })
        if (typeof child === 'string') this.#usedExclusions.add(child)
      }
    }
    const [first] = required
    if (first === undefined) {
      this.#problem(name, 'an intersection needs a member that is not an exclusion')
      return NOBODY
    }
    const base: Rewrite = required.length === 1 ? first : { kind: 'intersection', children: required }
    return excluded.reduce<Rewrite>((rest, subtract) => ({ kind: 'exclusion', base: rest, subtract }), base)
  }

  #loneExclusion(name: string): void {
    this.#problem(name, 'an exclusion must stand inside an intersection: alone it would grant to everybody else')
  }

  #problem(name: string, message: string): void {
    this.#problems.add(`${this.#type}#${name}: ${message}`)
  }
}

function inline(rewrite: Rewrite, name: string, own: Rewrite): Rewrite {
  switch (rewrite.kind) {
    case 'computed':
      return rewrite.relation === name ? own : rewrite
    case 'union':
    case 'intersection':
      return { kind: rewrite.kind, children: rewrite.children.map((child) => inline(child, name, own)) }
    case 'exclusion':
      return { kind: 'exclusion', base: inline(rewrite.base, name, own), subtract: inline(rewrite.subtract, name, own) }
    default:
      return rewrite
  }
}
