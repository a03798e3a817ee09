import { prepareGraph } from '../../../../services/rebac/engine/plan-cache.ts'
import { TenantGraph } from '../../../../services/rebac/graph/tenant-graph.ts'
import { defaultSchema } from '../../../../services/rebac/schema/default-schema.ts'
import { type AskedQuestion, ask, sampleChecks } from '../checker.ts'
import { type BenchQuestion, Dataset } from '../dataset.ts'
import { interleave, median, medianRatio, seededRandom } from '../figures.ts'
import type { Part } from '../part.ts'

/** One question of so many is denied. */
const DENIED_EVERY = 4

type Pick = (index: number, allowed: boolean) => BenchQuestion

/** Checks in the process: how many a second at full size, and how much slower they are than in a small tenant. */
export const checkRates: Part = (sizes, say) => {
  const schema = defaultSchema()
  const small = new Dataset(sizes.small)
  const large = new Dataset(sizes.large)
  say(`in process: loading ${sizes.small} and ${sizes.large} relationships`)
  const graphs = { small: loadGraph(small), large: loadGraph(large) }
  for (const graph of Object.values(graphs)) prepareGraph(schema, graph)

  const pairs = Math.min(sizes.pairs, small.directCount, small.deepCount)
  const random = seededRandom(11)
  const hot = (index: number): number => index % pairs
  const anywhere = (count: number) => (): number => Math.floor(random() * count)
  const direct: Pick = (index, allowed) => small.direct(index, allowed)
  const deep: Pick = (index, allowed) => small.deep(index, allowed)
  const largeDirect: Pick = (index, allowed) => large.direct(index, allowed)
  const largeDeep: Pick = (index, allowed) => large.deep(index, allowed)

  const sample = (graph: TenantGraph, pick: Pick, place: (index: number) => number) => {
    const next = questions(pick, place)
    return () => sampleChecks(schema, graph, next, sizes.sampleMs)
  }
  say('in process: asking')
  const micros = interleave(
    {
      hotSmall: sample(graphs.small, direct, hot),
      hotLarge: sample(graphs.large, direct, hot),
      deepSmall: sample(graphs.small, deep, hot),
      deepLarge: sample(graphs.large, deep, hot),
      randomLarge: sample(graphs.large, largeDirect, anywhere(large.directCount)),
      randomDeepLarge: sample(graphs.large, largeDeep, anywhere(large.deepCount)),
    },
    sizes.rounds,
  )
  const perSecond = (of: readonly number[]): number => 1_000_000 / median(of)
  return {
    figures: {
      engine_direct_hot_per_s: perSecond(micros.hotLarge),
      engine_direct_random_per_s: perSecond(micros.randomLarge),
      engine_deep_per_s: perSecond(micros.deepLarge),
      engine_growth_deep: medianRatio(micros.deepLarge, micros.deepSmall),
      engine_growth_hot: medianRatio(micros.hotLarge, micros.hotSmall),
    },
    notes: [
      `deep checks, uniformly random instead of ${pairs} pairs: ${Math.round(perSecond(micros.randomDeepLarge))} a second`,
    ],
  }
}

export function loadGraph(dataset: Dataset): TenantGraph {
  const graph = new TenantGraph()
  for (const batch of dataset.batches()) graph.load(batch)
  return graph
}

/** Question after question, of which every fourth is denied. */
function questions(pick: Pick, place: (index: number) => number): () => AskedQuestion {
  let made = 0
  return () => {
    const index = made++
    const { object, relation, user, allowed } = pick(place(index), index % DENIED_EVERY !== 0)
    return ask('file', object, relation, user, allowed)
  }
}
