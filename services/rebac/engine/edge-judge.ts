import { NexusError, toNexusError } from '../../common/errors/nexus-error.ts'
import type { JsonObject } from '../../common/json.ts'
import type { GraphReader } from '../graph/graph-reader.ts'
import type { Schema } from '../schema/schema.ts'
import type { DirectRelation } from './direct-relation.ts'
import { ERROR, FALSE, TRUE, type Value } from './values.ts'

/** Decides which relationships count: that they fit the schema, have not expired, and that their condition holds. */
export class EdgeJudge {
  readonly #graph: GraphReader
  readonly #schema: Schema
  readonly #now: number
  readonly #context: JsonObject
  #conditions: Map<number, boolean | NexusError> | null = null

  constructor(graph: GraphReader, schema: Schema, now: number, context: JsonObject) {
    this.#graph = graph
    this.#schema = schema
    this.#now = now
    this.#context = context
  }

  /** Whether it fits the schema and has not expired; its condition is still open. */
  admits(direct: DirectRelation, edge: number): boolean {
    const graph = this.#graph
    const slot = graph.edgeSubject(edge)
    const kind = graph.nodeKind(graph.slotNode(slot))
    const relation = graph.slotRelation(slot)
    if (graph.isPlain(edge)) return direct.accepts(kind, relation, '')
    if (!this.isPresent(edge)) return false
    return direct.accepts(kind, relation, graph.conditionName(edge))
  }

  /** Whether it has not expired. */
  isPresent(edge: number): boolean {
    if (this.#graph.isPlain(edge)) return true
    const expiresAt = this.#graph.expiresAt(edge)
    return expiresAt === null || expiresAt > this.#now
  }

  /** TRUE, FALSE or ERROR; without a condition TRUE. */
  condition(edge: number): Value {
    if (this.#graph.isPlain(edge) || this.#graph.conditionName(edge) === '') return TRUE
    this.#conditions ??= new Map()
    let outcome = this.#conditions.get(edge)
    if (outcome === undefined) this.#conditions.set(edge, (outcome = this.#evaluate(edge)))
    return outcome instanceof NexusError ? ERROR : outcome ? TRUE : FALSE
  }

  /** The error of a condition that was ERROR. */
  error(edge: number): NexusError {
    const outcome = this.#conditions?.get(edge)
    return outcome instanceof NexusError ? outcome : new NexusError('INTERNAL', 'A condition failed without an error.')
  }

  #evaluate(edge: number): boolean | NexusError {
    const { conditionName, conditionContext } = this.#graph.relationship(edge)
    const condition = this.#schema.conditions.get(conditionName)
    if (condition === undefined) return false
    try {
      return condition.evaluate(conditionContext, this.#context)
    } catch (error) {
      return toNexusError(error)
    }
  }
}
