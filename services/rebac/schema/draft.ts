import type { DirectType, Rewrite } from './schema.ts'
import type { Position } from './problems.ts'

/** A model as a front end read it, before its rules are checked. Where things stand in the text, as far as it is known. */
export interface ModelDraft {
  readonly open: boolean
  readonly types: readonly TypeDraft[]
  readonly conditions: readonly ConditionDraft[]
}

export interface TypeDraft {
  readonly name: string
  readonly position: Position | null
  readonly relations: readonly RelationDraft[]
}

export interface RelationDraft {
  readonly name: string
  readonly position: Position | null
  readonly rewrite: Rewrite
  readonly directTypes: readonly DirectType[] | 'any'
}

export interface ConditionDraft {
  readonly name: string
  readonly position: Position | null
  readonly expression: string
  readonly parameters: readonly ParameterDraft[]
}

export interface ParameterDraft {
  readonly name: string
  readonly type: ParameterType
}

export type ScalarTypeName =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'duration'
  | 'timestamp'
  | 'any'
  | 'ipaddress'

/** The type of a condition's parameter. The keys of a map are strings. */
export type ParameterType =
  | { readonly name: ScalarTypeName }
  | { readonly name: 'list' | 'map'; readonly element: ParameterType }

/** All relations that a rewrite names on its own type: for exclusion both sides, for `x from y` neither. */
export function computedRelations(rewrite: Rewrite): readonly string[] {
  const found: string[] = []
  visitRewrite(rewrite, (node) => {
    if (node.kind === 'computed') found.push(node.relation)
  })
  return found
}

/** Calls back for a rewrite and everything below it. */
export function visitRewrite(rewrite: Rewrite, visit: (node: Rewrite) => void): void {
  visit(rewrite)
  if (rewrite.kind === 'union' || rewrite.kind === 'intersection') {
    for (const child of rewrite.children) visitRewrite(child, visit)
  } else if (rewrite.kind === 'exclusion') {
    visitRewrite(rewrite.base, visit)
    visitRewrite(rewrite.subtract, visit)
  }
}
