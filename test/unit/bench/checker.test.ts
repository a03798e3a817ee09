import { describe, expect, it } from 'vitest'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import { ask, sampleChecks } from '../../load/engine/checker.ts'
import { Dataset } from '../../load/engine/dataset.ts'
import { loadGraph } from '../../load/engine/load-graph.ts'

const schema = defaultSchema()
const dataset = new Dataset(1_000)
const graph = loadGraph(schema, dataset.batches())
const once = { ms: 0, batch: 1 }

describe('the benchmark', () => {
  it.each([true, false])('stops at a wrong answer: expected %s', (expected) => {
    const { object, relation, user } = dataset.deep(7, !expected)
    const question = ask('file', object, relation, user, expected)
    expect(() => sampleChecks(schema, graph, () => question, once)).toThrow(`must be ${expected}`)
  })

  it('knows the answers of every question of its dataset', () => {
    for (const allowed of [true, false]) {
      const direct = Array.from({ length: dataset.directCount }, (_, index) => dataset.direct(index, allowed))
      const deep = Array.from({ length: dataset.deepCount }, (_, index) => dataset.deep(index, allowed))
      for (const { object, relation, user, allowed: expected } of [...direct, ...deep]) {
        const question = ask('file', object, relation, user, expected)
        expect(() => sampleChecks(schema, graph, () => question, once)).not.toThrow()
      }
    }
  })
})

describe('a dataset', () => {
  it('has the size that it was asked for', () => {
    const relationships = [...new Dataset(12_345).batches()].flat()
    expect(relationships).toHaveLength(12_345)
    expect(graph.size).toBe(1_000)
  })

  it('is contained in every larger one', () => {
    const keys = (size: number): readonly string[] =>
      [...new Dataset(size).batches()]
        .flat()
        .map(({ objectId, relation, subjectId, subjectRelation }) => [objectId, relation, subjectId, subjectRelation])
        .map((key) => key.join(' '))
    const larger = new Set(keys(5_000))
    expect(keys(1_000).filter((key) => !larger.has(key))).toEqual([])
  })
})
