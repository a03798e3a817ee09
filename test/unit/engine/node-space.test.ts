import { describe, expect, it } from 'vitest'
import { NodeSpace } from '../../../services/rebac/engine/node-space.ts'
import { prepareGraph } from '../../../services/rebac/engine/plan-cache.ts'
import { OverlayGraph } from '../../../services/rebac/graph/overlay-graph.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { readRelationship } from '../../support/naive/case-file.ts'
import { graphOf } from './support/long-graphs.ts'

const schema = defaultSchema()
const hierarchy = schema.types.get('file')!.hierarchy!

function spaceOf(stored: readonly string[], added: readonly string[] = []) {
  const below = graphOf(stored)
  prepareGraph(schema, below)
  const changes = added.map((text) => ({ before: null, after: readRelationship(text) }))
  const graph = added.length === 0 ? below : new OverlayGraph(below, changes)
  const nodes = new NodeSpace(graph, schema)
  const file = graph.kinds.find('file', '', false)!
  const childrenOf = (id: string): string[] =>
    [...nodes.children(nodes.resolve(file, id))].map((child) => nodes.id(child)).sort()
  return { nodes, graph, file, childrenOf }
}

describe('1.4 an object that no relationship names', () => {
  it('has a number for itself, its type and its id, but no relationships', () => {
    const { nodes, graph, file } = spaceOf(['file:/a#direct_viewer@user:ann', 'user:zed#friend@user:ann'])
    const user = graph.kinds.find('user', '', false)!
    const ghosts = [nodes.resolve(file, '/x/y'), nodes.resolve(user, 'bob'), nodes.resolve(file, '/z')]
    expect(ghosts.map((node) => nodes.id(node))).toEqual(['/x/y', 'bob', '/z'])
    expect(ghosts.map((node) => nodes.kind(node))).toEqual([file, user, file])
    expect(new Set(ghosts).size).toBe(3)
    expect(nodes.resolve(user, 'bob')).toBe(ghosts[1])
    const viewer = graph.symbols.find('direct_viewer')
    expect(ghosts.flatMap((node) => [nodes.firstSlot(node), nodes.findSlot(node, viewer)])).toEqual([0, 0, 0, 0, 0, 0])
    expect(nodes.id(nodes.resolve(file, '/a'))).toBe('/a')
    expect(nodes.findSlot(nodes.resolve(file, '/a'), viewer)).not.toBe(0)
  })

  it('has a derived parent, up to the root, which has none', () => {
    const { nodes, file } = spaceOf(['file:/a#direct_viewer@user:ann'])
    const parent = nodes.parent(nodes.resolve(file, '/a/b/c'), hierarchy)
    expect(nodes.id(parent)).toBe('/a/b')
    expect(nodes.parent(parent, hierarchy)).toBe(nodes.resolve(file, '/a'))
    const root = nodes.parent(nodes.resolve(file, '/a'), hierarchy)
    expect([nodes.id(root), nodes.parent(root, hierarchy)]).toEqual(['/', 0])
    expect(nodes.parent(nodes.resolve(spaceOf([]).file ?? file, '/'), hierarchy)).toBe(0)
  })
})

describe('2.7 the objects of a request', () => {
  const added = ['file:/a/new/deep#direct_viewer@user:bob', 'file:/other#shared-viewer@third/file:/a/x']

  it('are below what is stored, with the directories between', () => {
    const { childrenOf } = spaceOf(['file:/a/old#direct_viewer@user:ann'], added)
    expect(childrenOf('/a')).toEqual(['/a/new', '/a/old'])
    expect(childrenOf('/a/new')).toEqual(['/a/new/deep'])
    expect(childrenOf('/a/new/deep')).toEqual([])
    expect(childrenOf('/')).toEqual(['/a', '/other'])
  })

  it('are below each other where nothing is stored', () => {
    const { childrenOf } = spaceOf([], added)
    expect(childrenOf('/')).toEqual(['/a', '/other'])
    expect(childrenOf('/a')).toEqual(['/a/new'])
  })
})
