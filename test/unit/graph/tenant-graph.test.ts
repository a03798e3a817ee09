import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OverlayGraph } from '../../../services/rebac/graph/overlay-graph.ts'
import type { GraphReader } from '../../../services/rebac/graph/graph-reader.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import {
  type Relationship,
  type RelationshipChange,
  relationshipKeyText,
} from '../../../services/rebac/model/relationship.ts'
import { derivedParentId } from '../../../services/rebac/schema/hierarchy.ts'

const numRuns = Number(process.env['NEXUS_PROPERTY_RUNS'] ?? 200)
const FILES = { type: 'file', relation: 'parent', separator: '/' }
const IDS = ['/', '/a', '/a/b', '/a/b/c', '/ä/日本', '/ä', 'x', '']

const relationship: fc.Arbitrary<Relationship> = fc
  .record({
    id: fc.oneof(fc.uuid(), fc.constantFrom('t1', 't2')),
    objectType: fc.constantFrom('file', 'doc'),
    object: fc.nat(IDS.length - 2),
    relation: fc.constantFrom('r', 's'),
    subjectTenant: fc.constantFrom('', '', 'other'),
    subjectType: fc.constantFrom('file', 'user'),
    subject: fc.nat(IDS.length - 2),
    form: fc.constantFrom('object', 'wildcard', 'userset'),
    conditionName: fc.constantFrom('', '', 'c'),
    expiresAt: fc.constantFrom(null, null, 5),
    createdAt: fc.nat(2 ** 40),
    attributes: fc.constantFrom(null, { a: 1 }),
  })
  .map(({ object, subject, form, ...rest }) => ({
    ...rest,
    objectId: IDS[object] ?? '',
    subjectTenant: form === 'object' ? rest.subjectTenant : '',
    subjectId: form === 'wildcard' ? '*' : (IDS[subject] ?? ''),
    subjectRelation: form === 'userset' ? 'r' : '',
    conditionContext: rest.conditionName === '' ? null : { x: 1 },
  }))

const step = fc.record({ relationship, remove: fc.boolean() })

function byKey(relationships: Iterable<Relationship>): Map<string, Relationship> {
  return new Map([...relationships].map((one) => [relationshipKeyText(one), one]))
}

/** The changes that take a model, which they change, through some steps. */
function changesOf(
  model: Map<string, Relationship>,
  steps: readonly { relationship: Relationship; remove: boolean }[],
): RelationshipChange[] {
  return steps.map(({ relationship: one, remove }) => {
    const key = relationshipKeyText(one)
    const before = model.get(key) ?? null
    if (remove) model.delete(key)
    else model.set(key, one)
    return { before, after: remove ? null : one }
  })
}

/** Everything that a reader finds by walking from the nodes, both ways. */
function walk(
  graph: GraphReader,
  keys: Iterable<Relationship>,
): { forward: Map<string, Relationship>; reverse: Map<string, Relationship> } {
  const forward: Relationship[] = []
  const reverse: Relationship[] = []
  const nodes = new Set<number>()
  for (const one of keys) {
    const object = graph.kinds.find(one.objectType, '', false)
    const subject = graph.kinds.find(one.subjectType, one.subjectTenant, one.subjectId === '*')
    if (object !== null) nodes.add(graph.findNode(object.number, one.objectId))
    if (subject !== null) nodes.add(graph.findNode(subject.number, one.subjectId))
  }
  nodes.delete(0)
  for (const node of nodes) {
    const slots = [graph.findSlot(node, 0)]
    for (let slot = graph.firstSlot(node); slot !== 0; slot = graph.nextSlot(slot)) slots.push(slot)
    for (const slot of slots) {
      if (slot === 0) continue
      for (let edge = graph.firstObjectEdge(slot); edge !== 0; edge = graph.nextForward(edge))
        forward.push(graph.relationship(edge))
      for (let edge = graph.firstUsersetEdge(slot); edge !== 0; edge = graph.nextForward(edge))
        forward.push(graph.relationship(edge))
      for (let edge = graph.firstReverse(slot); edge !== 0; edge = graph.nextReverse(edge))
        reverse.push(graph.relationship(edge))
    }
  }
  expect(forward.length).toBe(byKey(forward).size)
  expect(reverse.length).toBe(byKey(reverse).size)
  return { forward: byKey(forward), reverse: byKey(reverse) }
}

describe('6.1 TenantGraph', () => {
  it('holds what a map holds after any sequence of changes, whichever way it is walked', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(step, { maxLength: 12 }), { maxLength: 8 }),
        fc.boolean(),
        (revisions, withTree) => {
          const graph = new TenantGraph()
          if (withTree) graph.ensureTree(FILES)
          const model = new Map<string, Relationship>()
          const touched: Relationship[] = []
          for (const [index, steps] of revisions.entries()) {
            touched.push(...steps.map(({ relationship: one }) => one))
            graph.apply(index + 1, changesOf(model, steps))
            expect(graph.revision).toBe(index + 1)
          }
          expect(graph.size).toBe(model.size)
          expect(byKey(graph.all())).toEqual(model)
          for (const one of touched) expect(graph.get(one)).toEqual(model.get(relationshipKeyText(one)))
          const { forward, reverse } = walk(graph, touched)
          expect(forward).toEqual(model)
          expect(reverse).toEqual(model)
          checkTree(graph, withTree, model)
        },
      ),
      { numRuns },
    )
  })

  it('an overlay shows the graph with its changes, and leaves the graph alone', () => {
    fc.assert(
      fc.property(fc.array(relationship, { maxLength: 20 }), fc.array(step, { maxLength: 10 }), (stored, steps) => {
        const graph = new TenantGraph()
        graph.load(stored)
        const below = byKey(graph.all())
        const model = new Map(below)
        const unique = [...new Map(steps.map((one) => [relationshipKeyText(one.relationship), one])).values()]
        const overlay = new OverlayGraph(graph, changesOf(model, unique))
        const { forward, reverse } = walk(overlay, [...stored, ...steps.map(({ relationship: one }) => one)])
        expect(forward).toEqual(model)
        expect(reverse).toEqual(model)
        expect(byKey(graph.all())).toEqual(below)
      }),
      { numRuns },
    )
  })

  it('uses memory again, and moves ids together when most are gone', () => {
    const graph = new TenantGraph()
    const make = (round: number, index: number): Relationship => ({
      id: `x${round}-${index}`,
      objectType: 'doc',
      objectId: `round ${round} with a rather long id to fill the arena, number ${index}`,
      relation: 'viewer',
      subjectTenant: '',
      subjectType: 'user',
      subjectId: 'u',
      subjectRelation: '',
      conditionName: '',
      conditionContext: null,
      expiresAt: null,
      createdAt: 1,
      attributes: null,
    })
    const size = 20_000
    let afterFirst = 0
    for (let round = 0; round < 6; round++) {
      const batch = Array.from({ length: size }, (_, index) => make(round, index))
      graph.load(batch)
      if (round === 0) afterFirst = graph.memoryBytes()
      expect(graph.get(make(round, 123))).toEqual(make(round, 123))
      graph.apply(
        round + 1,
        batch.slice(0, -1).map((before) => ({ before, after: null })),
      )
    }
    expect(graph.size).toBe(6)
    for (let round = 0; round < 6; round++) expect(graph.get(make(round, size - 1))).toEqual(make(round, size - 1))
    expect(graph.memoryBytes()).toBeLessThan(afterFirst * 2)
  })

  it('tells ids of any script apart', () => {
    const graph = new TenantGraph()
    const ids = ['ab', 'aā', 'aš', '日本', '本日', 'é', 'e\u0301', '😀', '\ufffd', 'ab '.trimEnd() + '\u00a0']
    const make = (objectId: string): Relationship => ({
      id: objectId,
      objectType: 'doc',
      objectId,
      relation: 'viewer',
      subjectTenant: '',
      subjectType: 'user',
      subjectId: objectId,
      subjectRelation: '',
      conditionName: '',
      conditionContext: null,
      expiresAt: null,
      createdAt: 1,
      attributes: null,
    })
    graph.load(ids.map(make))
    expect(graph.size).toBe(ids.length)
    for (const id of ids) expect(graph.get(make(id))?.subjectId).toBe(id)
  })
})

/** Every file that occurs hangs in the tree under its derived parent, and there is nothing else in it. */
function checkTree(graph: TenantGraph, withTree: boolean, model: ReadonlyMap<string, Relationship>): void {
  const kind = graph.kinds.find('file', '', false)
  const files = new Set<string>()
  for (const one of model.values()) {
    if (one.objectType === 'file') files.add(one.objectId)
    if (one.subjectType === 'file' && one.subjectTenant === '' && one.subjectId !== '*') files.add(one.subjectId)
  }
  if (!withTree || kind === null) return
  const expected = new Set<string>()
  for (const file of files) {
    for (let id: string | null = file; id !== null; id = derivedParentId(FILES, id)) expected.add(id)
  }
  for (const id of [...IDS, ...expected]) {
    const node = graph.findNode(kind.number, id)
    expect(node !== 0, id).toBe(expected.has(id))
    if (node === 0) continue
    const parent = derivedParentId(FILES, id)
    expect(graph.parentOf(node)).toBe(parent === null ? 0 : graph.findNode(kind.number, parent))
    const children: string[] = []
    for (let child = graph.firstChild(node); child !== 0; child = graph.nextSibling(child))
      children.push(graph.nodeId(child))
    expect(children.sort()).toEqual([...expected].filter((other) => derivedParentId(FILES, other) === id).sort())
  }
}
