import type { NodeSpace } from './node-space.ts'

/** All relationships of an object's relation: those to objects and wildcards first, then those to usersets. */
export function* edgesOf(nodes: NodeSpace, node: number, relation: number): Generator<number> {
  yield* objectEdgesOf(nodes, node, relation)
  yield* usersetEdgesOf(nodes, node, relation)
}

/** The relationships to plain objects, wildcards and any-subject. */
export function* objectEdgesOf(nodes: NodeSpace, node: number, relation: number): Generator<number> {
  const slot = nodes.findSlot(node, relation)
  const { graph } = nodes
  for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge)) yield edge
}

/** The relationships to usersets. */
export function* usersetEdgesOf(nodes: NodeSpace, node: number, relation: number): Generator<number> {
  const slot = nodes.findSlot(node, relation)
  const { graph } = nodes
  for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge)) yield edge
}
