import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NodeTable } from '../../../services/rebac/graph/node-table.ts'
import { PairTable } from '../../../services/rebac/graph/pair-table.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Relationship } from '../../../services/rebac/model/relationship.ts'
import { derivedParentId } from '../../../services/rebac/schema/hierarchy.ts'

const numRuns = Number(process.env['NEXUS_PROPERTY_RUNS'] ?? 200)
const FILES = { type: 'file', relation: 'parent', separator: '/' }

describe('PairTable', () => {
  it('finds what was entered and not removed, as a map does', () => {
    const step = fc.record({
      a: fc.nat(9),
      b: fc.nat(9),
      action: fc.constantFrom('add', 'allocate', 'enter', 'remove'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new PairTable(3)
        const model = new Map<string, { id: number; entered: boolean }>()
        for (const { a, b, action } of steps) {
          const key = `${a} ${b}`
          const known = model.get(key)
          if (action === 'remove' && known !== undefined) {
            table.remove(known.id)
            model.delete(key)
          } else if (action === 'enter' && known?.entered === false) {
            table.enter(known.id)
            known.entered = true
          } else if (action === 'add' && known === undefined) {
            model.set(key, { id: table.add(a, b), entered: true })
          } else if (action === 'allocate' && known === undefined) {
            model.set(key, { id: table.allocate(a, b), entered: false })
          }
        }
        expect(table.count).toBe(model.size)
        expect(new Set([...model.values()].map(({ id }) => id)).size).toBe(model.size)
        for (let a = 0; a < 10; a++) {
          for (let b = 0; b < 10; b++) {
            const known = model.get(`${a} ${b}`)
            expect(table.find(a, b)).toBe(known?.entered === true ? known.id : 0)
            if (known !== undefined)
              expect([...table.words.subarray(known.id * 3, known.id * 3 + 3)]).toEqual([a, b, 0])
          }
        }
      }),
      { numRuns },
    )
  })
})

const segment = fc.constantFrom('a', 'b', 'folder', 'ä', '日本', '😀', 'e\u0301', 'é', 'with space', '')
const path = fc.array(segment, { minLength: 1, maxLength: 9 }).map((segments) => {
  const joined = `/${segments.join('/')}`
  return joined.replace(/(?<=.)\/+$/, '')
})

describe('NodeTable', () => {
  it('finds ids of any script and length by all their bytes, through growth and removal', () => {
    const id = fc.oneof(
      path,
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ minLength: 60, maxLength: 90 }),
    )
    const step = fc.record({ id, kind: fc.integer({ min: 1, max: 2 }), remove: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const table = new NodeTable()
        const model = new Map<string, number>()
        for (const { id: text, kind, remove } of steps) {
          const key = `${kind}:${text}`
          const known = model.get(key)
          expect(table.find(kind, text)).toBe(known ?? 0)
          if (!remove) model.set(key, table.intern(kind, text))
          else if (known !== undefined) {
            table.remove(known)
            model.delete(key)
          }
        }
        expect(table.count).toBe(model.size)
        for (const [key, node] of model) {
          const [kind, text] = [Number(key.slice(0, 1)), key.slice(2)]
          expect(table.find(kind, text)).toBe(node)
          expect(table.kind(node)).toBe(kind)
          expect(table.id(node)).toBe(text)
        }
      }),
      { numRuns },
    )
  })

  it('refuses an id that its record cannot hold, and finds none', () => {
    const table = new NodeTable()
    const long = 'x'.repeat(2_048)
    expect(table.find(1, long)).toBe(0)
    expect(() => table.intern(1, long)).toThrow(RangeError)
    expect(table.id(table.intern(1, long.slice(1)))).toBe(long.slice(1))
  })

  it('finds the nearest path above, as one does who takes one segment off after another', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), fc.array(path, { maxLength: 12 }), (stored, asked) => {
        const table = new NodeTable()
        for (const one of stored) {
          for (let id: string | null = one; id !== null; id = derivedParentId(FILES, id)) table.intern(1, id)
        }
        for (const one of [...asked, ...stored]) {
          let nearest: string | null = one
          while (nearest !== null && table.find(1, nearest) === 0) nearest = derivedParentId(FILES, nearest)
          const found = table.findNearest(1, one, '/'.charCodeAt(0))
          expect(found === 0 ? null : table.id(Math.abs(found))).toBe(nearest)
          expect(found > 0).toBe(nearest === one)
          expect(Math.abs(table.findNearest(2, one, '/'.charCodeAt(0)))).toBe(0)
        }
      }),
      { numRuns },
    )
  })
})

describe('TenantGraph with many relations and subjects', () => {
  const make = (relation: number, subject: number, createdAt = 5): Relationship => ({
    id: `00000000-0000-7000-8000-${String(relation * 100 + subject).padStart(12, '0')}`,
    objectType: 'doc',
    objectId: 'd',
    relation: `r${relation}`,
    subjectTenant: '',
    subjectType: 'user',
    subjectId: subject % 2 === 0 ? `u${subject}` : 'd',
    subjectRelation: subject % 2 === 0 ? '' : `s${subject}`,
    conditionName: '',
    conditionContext: null,
    expiresAt: null,
    createdAt,
    attributes: null,
  })

  it('finds each of them, however they come and go', () => {
    const step = fc.record({ relation: fc.nat(11), subject: fc.nat(17), remove: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const graph = new TenantGraph()
        const model = new Map<string, Relationship>()
        for (const [index, { relation, subject, remove }] of steps.entries()) {
          const one = make(relation, subject)
          const before = model.get(one.id) ?? null
          graph.apply(index + 1, [{ before, after: remove ? null : one }])
          if (remove) model.delete(one.id)
          else model.set(one.id, one)
        }
        expect(graph.size).toBe(model.size)
        for (let relation = 0; relation < 12; relation++) {
          for (let subject = 0; subject < 18; subject++) {
            const one = make(relation, subject)
            expect(graph.get(one)).toEqual(model.get(one.id))
          }
        }
      }),
      { numRuns },
    )
  })

  it('keeps every time of creation exactly', () => {
    const graph = new TenantGraph()
    const times = [0, 1, 2 ** 32 - 1, 2 ** 32, 1_700_000_000_123, 2 ** 53 - 1, -1, 0.5]
    for (let index = 0; index < 70; index++) times.push(index * 2 ** 33 + index)
    graph.load(times.map((time, index) => make(index, 0, time)))
    for (const [index, time] of times.entries()) expect(graph.get(make(index, 0))?.createdAt).toBe(time)
    graph.load(times.map((_, index) => make(index, 0, 7)))
    for (const index of times.keys()) expect(graph.get(make(index, 0))?.createdAt).toBe(7)
  })
})
