import { describe, expect, it } from 'vitest'
import { addWildcards, askSubject } from '../../../services/rebac/engine/asked-subject.ts'
import { NodeSpace } from '../../../services/rebac/engine/node-space.ts'
import { readSubject } from '../../support/naive/case-file.ts'
import { graphOf, schema } from './support/long-graphs.ts'

function ask(relationships: readonly string[], text: string) {
  const graph = graphOf(relationships)
  const nodes = new NodeSpace(graph, schema)
  const asked = askSubject(nodes, readSubject(text))
  const named = asked.slots.map((slot) => {
    const node = graph.slotNode(slot)
    const { type, tenant } = graph.nodeKind(node)
    return `${tenant}/${type}:${graph.nodeId(node)}#${graph.symbols.name(graph.slotRelation(slot))}`
  })
  return { ...asked, named, nodes, graph }
}

const STORED = ['node:1#member@user:ann', 'node:1#member@user:*', 'node:1#member@*:*', 'node:1#member@node:2#member']

describe('2.2 the relationships that name a subject', () => {
  it('are its own, those of its type and those of any subject, as far as there are some', () => {
    expect(ask(STORED, 'user:ann').named).toEqual(['/user:ann#', '/user:*#', '/*:*#'])
    expect(ask(STORED, 'user:bob').named).toEqual(['/user:*#', '/*:*#'])
    expect(ask(STORED, 'other/user:ann').named).toEqual(['/*:*#'])
    expect(ask(STORED.slice(0, 1), 'user:ann').named).toEqual(['/user:ann#'])
    expect(ask(STORED.slice(0, 1), 'user:bob').slots).toEqual([])
  })

  it('are only its own for a wildcard and for a userset', () => {
    expect(ask(STORED, 'user:*').named).toEqual(['/user:*#'])
    expect(ask(STORED, 'node:2#member').named).toEqual(['/node:2#member'])
    expect(ask(STORED, 'node:2#viewer').selfSlot).toBe(0)
    expect(ask(STORED, 'node:2#nothing').selfSlot).toBe(0)
  })

  it('are none in a graph that knows neither the type nor wildcards', () => {
    const slots: number[] = []
    addWildcards(graphOf(['node:1#member@user:ann']), { tenant: '', type: 'user' }, slots)
    expect(slots).toEqual([])
  })
})

describe('2.3 the object and relation of a userset', () => {
  it('are known even if no relationship names it', () => {
    const { usersetNode, usersetRelation, nodes, graph } = ask(STORED, 'node:9#member')
    expect(nodes.id(usersetNode)).toBe('9')
    expect(graph.symbols.name(usersetRelation)).toBe('member')
  })

  it('are none for other subjects, and for types and relations that the graph has no name for', () => {
    expect(ask(STORED, 'user:ann').usersetNode).toBe(0)
    expect(ask(STORED, 'ghost:1#member').usersetNode).toBe(0)
    expect(ask(STORED, 'node:1#nothing').usersetNode).toBe(0)
  })
})
