import type { TenantGraph } from '../../../../services/rebac/graph/tenant-graph.ts'
import { defaultSchema } from '../../../../services/rebac/schema/default-schema.ts'
import { type AskedQuestion, ask, type CheckTime, sampleChecks } from '../checker.ts'
import { type BenchQuestion, Dataset } from '../dataset.ts'
import { interleave, median, medianRatio, seededRandom } from '../../figures.ts'
import { loadGraph } from '../load-graph.ts'
import type { Part } from '../../part.ts'
import type { Sizes } from '../sizes.ts'

/** One question of so many is denied. */
const DENIED_EVERY = 4
/** Questions that are made, and then asked, in one go: few, so that they are still in the processor's cache. */
const BATCH = 256
/** Samples are short and many: a machine that does other work disturbs some, and not their median. */
const SAMPLES_PER_ROUND = 3

type Pick = (index: number, allowed: boolean) => BenchQuestion

/** Checks in the process: how many a second at full size, and how much slower they are than in a small tenant. */
export const checkRates: Part<Sizes> = async (sizes, say) => {
  const schema = defaultSchema()
  const small = new Dataset(sizes.small)
  const large = new Dataset(sizes.large)
  say(`in process: loading ${sizes.small} and ${sizes.large} relationships`)
  const graphs = { small: loadGraph(schema, small.batches()), large: loadGraph(schema, large.batches()) }

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
    return () => sampleChecks(schema, graph, next, { ms: sizes.sampleMs, batch: BATCH })
  }
  say('in process: asking')
  const times = await interleave(
    {
      hotSmall: sample(graphs.small, direct, hot),
      hotLarge: sample(graphs.large, direct, hot),
      deepSmall: sample(graphs.small, deep, hot),
      deepLarge: sample(graphs.large, deep, hot),
      randomLarge: sample(graphs.large, largeDirect, anywhere(large.directCount)),
      randomDeepLarge: sample(graphs.large, largeDeep, anywhere(large.deepCount)),
    },
    sizes.rounds * SAMPLES_PER_ROUND,
  )
  const { hotSmall, hotLarge, deepSmall, deepLarge, randomLarge, randomDeepLarge } = times
  const growth = (large: readonly CheckTime[], from: readonly CheckTime[], clock: keyof CheckTime): number =>
    medianRatio(of(large, clock), of(from, clock))
  const perCpuSecond = {
    direct_hot: perSecond(hotLarge, 'cpu'),
    direct_random: perSecond(randomLarge, 'cpu'),
    deep: perSecond(deepLarge, 'cpu'),
    deep_random: perSecond(randomDeepLarge, 'cpu'),
  }
  const rates = Object.entries(perCpuSecond).map(([name, rate]) => `${name} ${Math.round(rate)}`)
  return {
    figures: {
      engine_direct_hot_per_s: perSecond(hotLarge, 'wall'),
      engine_direct_random_per_s: perSecond(randomLarge, 'wall'),
      engine_deep_per_s: perSecond(deepLarge, 'wall'),
      engine_growth_deep: growth(deepLarge, deepSmall, 'wall'),
      engine_growth_hot: growth(hotLarge, hotSmall, 'wall'),
      engine_per_cpu_second: perCpuSecond,
    },
    notes: [`checks per second of processor time, which other work on the machine disturbs less: ${rates.join(', ')}`],
  }
}

function of(times: readonly CheckTime[], clock: keyof CheckTime): readonly number[] {
  return times.map((time) => time[clock])
}

function perSecond(times: readonly CheckTime[], clock: keyof CheckTime): number {
  return 1_000_000 / median(of(times, clock))
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
