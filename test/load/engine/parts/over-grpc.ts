import { credentials, Metadata } from '@grpc/grpc-js'
import { RebacServiceClient } from '../../../../services/common/gen/nexus/rebac/v1/service.ts'
import { Dataset } from '../dataset.ts'
import { median, medianRatio } from '../../figures.ts'
import { mixedQuestions } from '../grpc/questions.ts'
import type { Rate } from '../grpc/round.ts'
import { emptyRound, streamRound, unaryRound } from '../grpc/rounds.ts'
import { writeDataset } from '../grpc/write-dataset.ts'
import type { Part, PartResult } from '../../part.ts'
import { processCpuMicros } from '../process-cpu.ts'
import { startRebacUnderTest } from '../rebac-under-test.ts'
import type { Sizes } from '../sizes.ts'

const BATCH = 16

type Kind = 'empty' | 'unary' | 'stream' | 'batch'

/** Rounds, in their order, with the processor time of the server per call or check, in microseconds. */
type Rates = Record<Kind, (Rate & { readonly serverMicros: number })[]>

/** Checks over gRPC against an empty call of the same server; the kinds take turns. */
export const overGrpc: Part<Sizes> = async (sizes, say) => {
  await using rebac = await startRebacUnderTest()
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${rebac.token}`)
  const client = new RebacServiceClient(rebac.address, credentials.createInsecure())
  try {
    const dataset = new Dataset(sizes.overGrpc)
    say(`over gRPC: writing ${sizes.overGrpc} relationships`)
    await writeDataset(client, metadata, dataset)
    const questions = mixedQuestions(dataset)
    const ms = sizes.grpcRoundMs
    const kinds: Readonly<Record<Kind, () => Promise<Rate>>> = {
      empty: () => emptyRound(client, ms),
      unary: () => unaryRound(client, metadata, questions, ms),
      stream: () => streamRound(client, metadata, questions, { perMessage: 1, ms }),
      batch: () => streamRound(client, metadata, questions, { perMessage: BATCH, ms }),
    }
    const rates: Rates = { empty: [], unary: [], stream: [], batch: [] }
    for (let round = 0; round <= sizes.rounds; round++) {
      say(`over gRPC: ${round === 0 ? 'warming up' : `round ${round} of ${sizes.rounds}`}`)
      for (const [kind, run] of Object.entries(kinds) as [Kind, () => Promise<Rate>][]) {
        const before = await processCpuMicros(rebac.metricsUrl)
        const rate = await run()
        const used = (await processCpuMicros(rebac.metricsUrl)) - before
        if (round > 0) rates[kind].push({ ...rate, serverMicros: used / rate.done })
      }
    }
    return present(rates)
  } finally {
    client.close()
  }
}

function present(rates: Rates): PartResult {
  const perSecond = (kind: Kind): number[] => rates[kind].map((rate) => rate.perSecond)
  const versusEmpty = (kind: Kind): number => medianRatio(perSecond(kind), perSecond('empty'))
  const cpu = (kind: Kind) => ({
    client: median(rates[kind].map(({ clientMicros }) => clientMicros)),
    server: median(rates[kind].map(({ serverMicros }) => serverMicros)),
  })
  const costs = { empty: cpu('empty'), unary: cpu('unary'), stream: cpu('stream'), batch: cpu('batch') }
  const kinds = Object.keys(rates) as Kind[]
  const counts = kinds.map((kind) => `${kind} ${Math.round(median(perSecond(kind)))}`)
  const micros = kinds.map((kind) => `${kind} ${costs[kind].client.toFixed(0)} + ${costs[kind].server.toFixed(0)}`)
  return {
    figures: {
      check_unary_vs_empty: versusEmpty('unary'),
      check_stream_vs_empty: versusEmpty('stream'),
      check_batch_vs_empty: versusEmpty('batch'),
      cpu_micros_per_call: costs,
    },
    notes: [
      `over gRPC, a second: ${counts.join(', ')}; calls of empty and unary, checks of stream and batch`,
      `processor time of each, client + server: ${micros.join(', ')} us`,
    ],
  }
}
