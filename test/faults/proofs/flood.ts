import { demoKeys } from '../../../gateway/keys/well-known-keys.ts'
import { WaveClient } from '../../waves/client.ts'
import { quantile } from '../../waves/recorder.ts'
import { type FloodAnswer, HeldRequest } from '../load/held-requests.ts'
import type { Outcome, Proof, Scale } from '../proof.ts'
import type { Member } from '../system/cluster.ts'
import { inSandbox, type Sandbox } from '../system/sandbox.ts'

const REQUESTS = { fast: 1_000, full: 10_000 }
/** For the short form, as a share of its requests; the full one takes the default of 4,096. */
const FAST_LIMIT = '400'
const MEMORY_LIMIT_MIB = 1_024
const CALM_CALLS = 200
const CALLS = [
  ['list', { path: '/' }],
  ['skills_list', {}],
  ['exists', { path: '/nowhere' }],
  ['rebac_list_tuples', { object_type: 'file' }],
] as const

/** More than the gateway takes, all in the same moment. */
export const floodProof: Proof = {
  name: 'flood',
  promise:
    '10,000 requests at once: no crash, bounded memory, the excess is answered 429 or 503 with Retry-After, and the ' +
    'service is as before afterwards',
  run: (scale, say) => {
    const settings: Record<string, string> = scale.fast ? { NEXUS_MAX_IN_FLIGHT: FAST_LIMIT } : {}
    return inSandbox({ engine: 'sqlite', settings, say }, (sandbox) => proveFlood(sandbox, scale))
  },
}

async function proveFlood({ cluster, problems, say }: Sandbox, scale: Scale): Promise<Outcome['figures']> {
  const gateway = cluster.gateway(0)
  const before = await calmCalls(gateway)
  const memoryBefore = await memoryMib(gateway)
  const count = scale.fast ? REQUESTS.fast : REQUESTS.full
  const held = Array.from({ length: count }, (_, index) => {
    const [method, params] = CALLS[index % CALLS.length] ?? CALLS[0]
    return new HeldRequest(gateway.address, demoKeys.alice, method, params)
  })
  await Promise.all(held.map((request) => request.connected))
  say(`${count} connections stand; now all bodies are sent`)
  for (const request of held) request.release()
  const answers = await Promise.all(held.map((request) => request.answer))
  const memoryAfter = await memoryMib(gateway)
  const expected = new Map(before.texts)
  const counts = new Map<number, number>()
  for (const [index, answer] of answers.entries()) {
    const [method] = CALLS[index % CALLS.length] ?? CALLS[0]
    counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1)
    problems.expect(isFair(answer, expected.get(method)), `${method}: ${answer.status} ${answer.text.slice(0, 200)}`)
  }
  const after = await calmCalls(gateway)
  problems.expect(sameTexts(before.texts, after.texts), 'answers after the flood differ from those before')
  problems.expect((counts.get(200) ?? 0) > 0, 'nobody was served')
  problems.expect((counts.get(429) ?? 0) + (counts.get(503) ?? 0) > 0, 'nobody was refused: it was no flood')
  problems.expect(memoryAfter <= MEMORY_LIMIT_MIB, `the gateway took ${memoryAfter} MiB`)
  problems.addAll(await cluster.stop())
  problems.addAll(cluster.auditLogs())
  return {
    requests: count,
    answers: [...counts].map(([status, times]) => `${times} x ${status}`).join(', '),
    'memory before and after, MiB': `${memoryBefore} and ${memoryAfter}`,
    'a calm call before and after, p50 ms': `${before.p50.toFixed(1)} and ${after.p50.toFixed(1)}`,
  }
}

/** A right answer, or a refusal that says when to come back. */
function isFair({ status, retryAfter, text }: FloodAnswer, expected: string | undefined): boolean {
  if (status === 200) return text === expected
  return (status === 429 || status === 503) && retryAfter !== undefined
}

async function calmCalls({ address }: Member): Promise<{ texts: ReadonlyMap<string, string>; p50: number }> {
  const client = new WaveClient(address, 1)
  const texts = new Map<string, string>()
  const times: number[] = []
  for (let index = 0; index < CALM_CALLS; index += 1) {
    const [method, params] = CALLS[index % CALLS.length] ?? CALLS[0]
    const answer = await client.rpc(demoKeys.alice, method, params)
    if (answer.status !== 200) throw new Error(`${method}: HTTP ${answer.status} ${answer.text.slice(0, 200)}`)
    texts.set(method, answer.text)
    times.push(answer.ms)
  }
  client.close()
  return {
    texts,
    p50: quantile(
      times.toSorted((one, two) => one - two),
      0.5,
    ),
  }
}

function sameTexts(one: ReadonlyMap<string, string>, two: ReadonlyMap<string, string>): boolean {
  return one.size === two.size && [...one].every(([method, text]) => two.get(method) === text)
}

/** What the process has in memory, as the system counts it. */
async function memoryMib({ metricsUrl }: Member): Promise<number> {
  const text = await (await fetch(metricsUrl)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith('process_resident_memory_bytes{'))
  if (line === undefined) throw new Error('the gateway does not tell process_resident_memory_bytes')
  return Math.round(Number(line.slice(line.lastIndexOf(' '))) / 1_048_576)
}
