import type { TenantGraph } from '../../../../services/rebac/graph/tenant-graph.ts'
import { defaultSchema } from '../../../../services/rebac/schema/default-schema.ts'
import type { Schema } from '../../../../services/rebac/schema/schema.ts'
import { ask, newEvaluator } from '../checker.ts'
import { Dataset, type IdStyle } from '../dataset.ts'
import { loadGraph } from '../load-graph.ts'
import type { Part } from '../../part.ts'
import { settledMemory } from '../settle.ts'
import type { Sizes } from '../sizes.ts'

/** What a relationship costs in memory, by what the process holds and by what the graph says of itself. */
export const memory: Part<Sizes> = (sizes, say) => {
  const schema = defaultSchema()
  // What the first graph of a process makes for good is not the second one's.
  perTuple(schema, new Dataset(sizes.small))
  const measured = (ids: IdStyle) => {
    say(`memory: ${sizes.large} relationships, ids as ${ids}`)
    return perTuple(schema, new Dataset(sizes.large, ids))
  }
  const paths = measured('paths')
  const short = measured('short')
  return {
    figures: { bytes_per_tuple: paths.held, bytes_per_tuple_by: { paths, short } },
    notes: [
      `bytes per relationship, by the process / by the graph's account: ids as paths ${inWords(paths)}, short ones ${inWords(short)}`,
    ],
  }
}

type Bytes = Readonly<Record<'held' | 'accounted', number>>

function inWords({ held, accounted }: Bytes): string {
  return `${held.toFixed(0)} / ${accounted.toFixed(0)}`
}

function perTuple(schema: Schema, dataset: Dataset): Bytes {
  const before = settledMemory()
  const graph = loadGraph(schema, dataset.batches())
  const held = (settledMemory() - before) / dataset.size
  mustAnswer(schema, graph, dataset)
  return { held, accounted: graph.memoryBytes() / dataset.size }
}

/** What was measured is a graph that works. */
function mustAnswer(schema: Schema, graph: TenantGraph, dataset: Dataset): void {
  for (const expected of [true, false]) {
    for (const { object, relation, user } of [dataset.direct(5, expected), dataset.deep(5, expected)]) {
      const { question } = ask('file', object, relation, user, expected)
      if (newEvaluator(schema, graph).check(question) !== expected) throw new Error(`wrong answer for ${object}`)
    }
  }
  if (graph.size !== dataset.size) throw new Error(`the graph has ${graph.size} of ${dataset.size} relationships`)
}
