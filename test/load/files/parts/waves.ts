import { demoKeys } from '../../../../gateway/keys/well-known-keys.ts'
import { WAVES } from '../../../waves/calls.ts'
import { interleave, median, medianRatio } from '../../figures.ts'
import type { Part } from '../../part.ts'
import { BenchGateway } from '../bench-gateway.ts'
import type { Sizes } from '../sizes.ts'
import { wireCall, WireClient, wireRequest } from '../wire-client.ts'

const CONNECTIONS = 64

interface Pair {
  readonly call: Buffer
  readonly expected: Buffer
  readonly fixed: Buffer
}

/** The seven waves of the crash report, and as many static answers of the same sizes. */
export const waves: Part<Sizes> = async ({ waveScale, rounds }, say) => {
  await using gateway = await BenchGateway.start({ demo: true })
  using client = await WireClient.open(gateway.url, CONNECTIONS)
  const prepared = await Promise.all(
    WAVES.map((wave) =>
      Promise.all(
        wave.calls.flatMap(({ method, params }) => {
          return [demoKeys.admin, demoKeys.alice].map((key) => pairOf(gateway.url, client, key, method, params))
        }),
      ),
    ),
  )
  const run = (send: (pair: Pair) => Promise<void>) => async (): Promise<number> => {
    const begun = performance.now()
    for (const wave of prepared) {
      await Promise.all(Array.from({ length: waveScale }, () => wave.map(send)).flat())
    }
    return performance.now() - begun
  }
  say(`waves: ${waveScale} times each call, for two users, against static answers`)
  const times = await interleave(
    {
      waves: run(async ({ call, expected }) => {
        if (!(await client.send(call)).body.equals(expected)) throw new Error('wrong answer in a wave')
      }),
      static: run(async ({ fixed, expected }) => {
        if ((await client.send(fixed)).body.length !== expected.length) throw new Error('wrong static answer')
      }),
    },
    rounds,
  )
  return {
    figures: { waves_vs_static: medianRatio(times.waves, times.static) },
    notes: [
      `the seven waves took ${median(times.waves).toFixed(0)} ms, as many static answers ${median(times.static).toFixed(0)} ms`,
    ],
  }
}

async function pairOf(url: string, client: WireClient, key: string, method: string, params: object): Promise<Pair> {
  const call = wireCall(url, key, method, params)
  const { body: expected } = await client.send(call)
  const body = call.subarray(call.indexOf('\r\n\r\n') + 4).toString()
  return { call, expected, fixed: wireRequest(url, { path: `/beside?size=${expected.length}`, key, body }) }
}
