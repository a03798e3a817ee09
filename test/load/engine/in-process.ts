import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import type { BenchQuestion, Dataset } from './dataset.ts'
import { median } from './figures.ts'

/** How long one sample runs at least, in milliseconds, and how many samples there are. */
const SAMPLE_MS = 300
const SAMPLES = 5
const CHECKS_PER_LOOK = 256

const schema = defaultSchema()

/** A graph with everything of a dataset. */
export function loadGraph(dataset: Dataset): TenantGraph {
  const graph = new TenantGraph()
  graph.load(dataset.relationships)
  return graph
}

/** One check as a request of its own: nothing is shared with the one before. */
export function checkOnce(graph: TenantGraph, question: BenchQuestion): boolean {
  const evaluator = new Evaluator(schema, graph, {
    now: Date.now(),
    context: {},
    contextual: [],
    maxDepth: 0,
    nodeBudget: 0,
    deadline: Number.POSITIVE_INFINITY,
  })
  const subject = { tenant: '', type: 'user', id: fresh(question.user), relation: '' }
  return evaluator.check({
    objectType: 'file',
    objectId: fresh(question.object),
    relation: question.relation,
    subjects: [subject],
  })
}

/** Checks per second, the median of several samples. */
export function checksPerSecond(graph: TenantGraph, pick: (index: number) => BenchQuestion): number {
  const samples: number[] = []
  for (let sample = 0; sample <= SAMPLES; sample++) {
    let done = 0
    const begun = performance.now()
    let elapsed = 0
    while (elapsed < SAMPLE_MS) {
      for (let index = 0; index < CHECKS_PER_LOOK; index++) {
        const question = pick(done++)
        if (checkOnce(graph, question) !== question.allowed) throw new Error(`wrong answer for ${question.object}`)
      }
      elapsed = performance.now() - begun
    }
    // The first one warms up.
    if (sample > 0) samples.push((done / elapsed) * 1_000)
  }
  return median(samples)
}

/** A string of the same text that was never seen before, as one that arrives over the network. */
function fresh(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
