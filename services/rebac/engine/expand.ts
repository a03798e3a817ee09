import type { Relationship } from '../model/relationship.ts'
import { findRelation } from '../schema/direct-types.ts'
import { derivedParentId, normalizeObjectId } from '../schema/hierarchy.ts'
import type { Rewrite } from '../schema/schema.ts'
import { DirectRelation } from './direct-relation.ts'
import { edgesOf, objectEdgesOf } from './edges-of.ts'
import type { Evaluation } from './evaluation.ts'

/** The subjects behind one relation of one object. */
export interface UsersetTree {
  /**
   * `leaf`: the relationships of the relation itself. `from`: the children name the objects that are followed, and the
   * relation to look at there. `unexpanded`: such a child.
   */
  readonly operation: 'leaf' | 'union' | 'intersection' | 'exclusion' | 'from' | 'unexpanded'
  readonly objectType: string
  readonly objectId: string
  readonly relation: string
  readonly children: readonly UsersetTree[]
  /** Of a leaf, or that lead to a followed object: unexpired, of the schema, whether or not their conditions hold. */
  readonly relationships: readonly Relationship[]
  /** It follows from the object's id, not from a relationship. */
  readonly derived: boolean
}

/**
 * The tree of one relation. Computed relations of the same object are expanded; usersets in the leaves and the objects
 * of `x from y` are named, for another Expand.
 */
export function expand(evaluation: Evaluation, objectType: string, objectId: string, relation: string): UsersetTree {
  evaluation.limit.restart()
  const id = normalizeObjectId(evaluation.schema, objectType, objectId)
  return new Expansion(evaluation, objectType, id).relation(relation)
}

class Expansion {
  readonly #evaluation: Evaluation
  readonly #type: string
  readonly #id: string

  constructor(evaluation: Evaluation, type: string, id: string) {
    this.#evaluation = evaluation
    this.#type = type
    this.#id = id
  }

  relation(name: string): UsersetTree {
    const definition = findRelation(this.#evaluation.schema, this.#type, name)
    if (definition === null) return this.#tree('leaf', name, [])
    const { rewrite } = definition
    // A relation that is nothing but another keeps its own name: a userset of it is a member of itself.
    if (rewrite.kind === 'computed') return this.#tree('union', name, [this.relation(rewrite.relation)])
    return this.#rewrite(name, rewrite)
  }

  #rewrite(name: string, rewrite: Rewrite): UsersetTree {
    switch (rewrite.kind) {
      case 'direct':
        return this.#leaf(name)
      case 'computed':
        return this.relation(rewrite.relation)
      case 'from':
        return this.#tree('from', name, this.#followed(rewrite.tupleset, rewrite.relation))
      case 'union':
      case 'intersection':
        return this.#tree(
          rewrite.kind,
          name,
          rewrite.children.map((child) => this.#rewrite(name, child)),
        )
      case 'exclusion':
        return this.#tree('exclusion', name, [this.#rewrite(name, rewrite.base), this.#rewrite(name, rewrite.subtract)])
    }
  }

  #leaf(name: string): UsersetTree {
    const { nodes, graph, judge } = this.#evaluation
    const direct = this.#direct(name)
    const node = this.#node()
    const relationships: Relationship[] = []
    if (node !== 0 && direct !== null) {
      for (const edge of edgesOf(nodes, node, direct.relation)) {
        this.#evaluation.limit.spend()
        if (judge.admits(direct, edge)) relationships.push(graph.relationship(edge))
      }
    }
    const parent = this.#derivedParent(name)
    const children = parent === null ? [] : [this.#stub(this.#type, parent, '', null)]
    return { ...this.#tree('leaf', name, children), relationships }
  }

  /** The objects that are followed from a tupleset, with the relation that is looked up there. */
  #followed(tupleset: string, target: string): readonly UsersetTree[] {
    const { nodes, graph, judge } = this.#evaluation
    const direct = this.#direct(tupleset)
    const node = this.#node()
    const children: UsersetTree[] = []
    const parent = this.#derivedParent(tupleset)
    if (parent !== null) children.push(this.#stub(this.#type, parent, target, null))
    if (node === 0 || direct === null) return children
    for (const edge of objectEdgesOf(nodes, node, direct.relation)) {
      this.#evaluation.limit.spend()
      const subject = graph.slotNode(graph.edgeSubject(edge))
      const { type, tenant, wildcard } = graph.nodeKind(subject)
      if (wildcard || tenant !== '' || !judge.admits(direct, edge)) continue
      if (findRelation(this.#evaluation.schema, type, target) === null) continue
      children.push(this.#stub(type, graph.nodeId(subject), target, graph.relationship(edge)))
    }
    return children
  }

  #derivedParent(relation: string): string | null {
    const hierarchy = this.#evaluation.schema.types.get(this.#type)?.hierarchy ?? null
    return hierarchy === null || hierarchy.relation !== relation ? null : derivedParentId(hierarchy, this.#id)
  }

  #direct(name: string): DirectRelation | null {
    const { schema, graph } = this.#evaluation
    const relation = graph.symbols.find(name)
    const definition = findRelation(schema, this.#type, name)
    if (relation < 0 || definition === null) return null
    return new DirectRelation(schema, relation, definition.directTypes, null, (number) => graph.symbols.name(number))
  }

  #node(): number {
    const kind = this.#evaluation.graph.kinds.find(this.#type, '', false)
    return kind === null ? 0 : this.#evaluation.graph.findNode(kind.number, this.#id)
  }

  #tree(operation: UsersetTree['operation'], relation: string, children: readonly UsersetTree[]): UsersetTree {
    return {
      operation,
      objectType: this.#type,
      objectId: this.#id,
      relation,
      children,
      relationships: [],
      derived: false,
    }
  }

  /** `through`: the relationship that leads there, which may have a condition; null if it is derived. */
  #stub(objectType: string, objectId: string, relation: string, through: Relationship | null): UsersetTree {
    const relationships = through === null ? [] : [through]
    return {
      operation: 'unexpanded',
      objectType,
      objectId,
      relation,
      children: [],
      relationships,
      derived: through === null,
    }
  }
}
