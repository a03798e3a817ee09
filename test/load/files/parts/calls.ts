import { Race } from '../../race.ts'
import type { Figure, Part } from '../../part.ts'
import { BenchGateway } from '../bench-gateway.ts'
import { fillCalls } from '../call-data.ts'
import type { Sizes } from '../sizes.ts'
import { wireCall, WireClient, wireRequest } from '../wire-client.ts'

const CONNECTIONS = 64

/** Calls of an ordinary user against static answers of the same sizes, and what each costs. */
export const calls: Part<Sizes> = async (sizes, say) => {
  await using gateway = await BenchGateway.start()
  using client = await WireClient.open(gateway.url, CONNECTIONS)
  say('calls: storing what is asked about')
  const { key, measured } = await fillCalls(gateway, client)
  const figures: Record<string, Figure> = {}
  const micros: Record<string, Figure> = {}
  const notes: string[] = []
  for (const call of measured) {
    say(`calls: ${call.name} against a static answer`)
    const request = wireCall(gateway.url, key, call.method, call.params)
    const { body: expected } = await client.send(request)
    if (!expected.includes('"result"')) throw new Error(`${call.name}: ${expected.toString().slice(0, 300)}`)
    const body = request.subarray(request.indexOf('\r\n\r\n') + 4).toString()
    const fixed = wireRequest(gateway.url, { path: `/beside?size=${expected.length}`, key, body })
    const one = asking(client, request, (found) =>
      call.changes === true ? found.includes('"result"') : found.equals(expected),
    )
    const other = asking(client, fixed, (found) => found.length === expected.length)
    const race = await Race.run(
      { static: { inFlight: CONNECTIONS, call: other }, [call.name]: { inFlight: CONNECTIONS, call: one } },
      sizes,
    )
    figures[`${call.name}_vs_static`] = race.ratio(call.name, 'static')
    notes.push(`answers a second: ${race.summary} (${expected.length} bytes)`)
    const costs = {
      [call.name]: await costOf(gateway, one, sizes),
      [`${call.name}_static`]: await costOf(gateway, other, sizes),
    }
    Object.assign(micros, costs)
    notes.push(...Object.entries(costs).map(([name, cost]) => inWords(name, cost)))
  }
  return { figures: { ...figures, cpu_micros: micros }, notes }
}

function asking(client: WireClient, request: Buffer, isRight: (body: Buffer) => boolean): () => Promise<number> {
  return async () => {
    const { body } = await client.send(request)
    if (!isRight(body)) throw new Error(`wrong answer: ${body.toString().slice(0, 300)}`)
    return 1
  }
}

/** Microseconds of processor time that one request takes, by layer. */
async function costOf(gateway: BenchGateway, call: () => Promise<number>, { profileMs }: Sizes) {
  let made = 0
  const account = await gateway.account(async () => {
    const until = performance.now() + profileMs
    const worker = async (): Promise<void> => {
      while (performance.now() < until) {
        const one = await call()
        made += one
      }
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  })
  return Object.fromEntries(Object.entries(account).map(([name, sum]) => [name, sum / made]))
}

function inWords(name: string, cost: Readonly<Record<string, number>>): string {
  const { whole = 0, ...parts } = cost
  const shares = Object.entries(parts).map(([part, value]) => `${part.replaceAll('_', ' ')} ${value.toFixed(0)}`)
  return `one ${name.replaceAll('_', ' ')} costs ${whole.toFixed(0)} us of processor time: ${shares.join(', ')}`
}
