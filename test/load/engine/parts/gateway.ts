import { demoKeys } from '../../../../gateway/keys/well-known-keys.ts'
import { WaveClient } from '../../../waves/client.ts'
import { interleave, median } from '../../figures.ts'
import { GatewayUnderTest } from '../gateway/gateway-under-test.ts'
import type { Figure, Part } from '../../part.ts'
import { processCpuMicros } from '../process-cpu.ts'
import { startRebacUnderTest } from '../rebac-under-test.ts'
import type { Sizes } from '../sizes.ts'

const ROUNDS = 5
const SHARED = '/tenant:default/user:admin/skill/pdf/SKILL.md'
const NOT_SHARED = '/tenant:default/user:admin/skill/docx/SKILL.md'
const REQUESTS: Readonly<Record<string, { readonly method: string; readonly params: object }>> = {
  list: { method: 'list', params: { path: '/' } },
  read: { method: 'read', params: { path: SHARED } },
}

/** Microseconds of processor time for a request. */
interface Cost {
  readonly gateway: number
  readonly rebac: number
  /** Permission questions that it asked. */
  readonly questions: number
}

/**
 * What share of a request of an ordinary user is permission work: the processor time of both processes, against that of
 * the gateway when it has the answers of the same checks at hand. Requests come one after another: none shares its
 * checks with another in flight.
 */
export const gateway: Part<Sizes> = async (sizes, say) => {
  await using rebac = await startRebacUnderTest()
  say('gateway: starting it with demo data')
  await using system = await GatewayUnderTest.start(rebac)
  const client = new WaveClient(system.url, 1)
  try {
    const figures: Record<string, Figure> = {}
    const notes: string[] = []
    for (const [name, { method, params }] of Object.entries(REQUESTS)) {
      say(`gateway: ${method} of ${JSON.stringify(params)}`)
      await system.answerFromMemory(false)
      const expected = await call(client, method, params)
      await mustDeny(client)
      const measure = (fromMemory: boolean) => async (): Promise<Cost> => {
        const before = await system.answerFromMemory(fromMemory)
        const gatewayBefore = await processCpuMicros(`${system.url}/metrics`)
        const rebacBefore = await processCpuMicros(rebac.metricsUrl)
        for (let made = 0; made < sizes.gatewayRequests; made++) {
          if ((await call(client, method, params)) !== expected) throw new Error(`wrong answer of ${method}`)
        }
        const gatewayMicros = (await processCpuMicros(`${system.url}/metrics`)) - gatewayBefore
        const rebacMicros = (await processCpuMicros(rebac.metricsUrl)) - rebacBefore
        const questions = (await system.answerFromMemory(false)) - before
        const each = (sum: number): number => sum / sizes.gatewayRequests
        return { gateway: each(gatewayMicros), rebac: each(rebacMicros), questions: each(questions) }
      }
      const costs = await interleave(
        { asked: measure(false), remembered: measure(true) },
        Math.min(ROUNDS, sizes.rounds),
      )
      const share = shareOf(costs)
      figures[name] = share
      notes.push(inWords(name, share))
    }
    return { figures: { gateway_permission_share: figures }, notes }
  } finally {
    client.close()
  }
}

interface Share {
  readonly share: number
  readonly questions: number
  readonly cpu_micros: {
    readonly gateway_alone: number
    readonly permission_client: number
    readonly permission_service: number
  }
}

function shareOf({ asked, remembered }: Record<'asked' | 'remembered', readonly Cost[]>): Share & Figure {
  const middle = (costs: readonly Cost[], of: keyof Cost): number => median(costs.map((cost) => cost[of]))
  const [whole, rebac] = [middle(asked, 'gateway'), middle(asked, 'rebac')]
  const without = middle(remembered, 'gateway')
  return {
    share: (whole + rebac - without) / (whole + rebac),
    questions: middle(asked, 'questions'),
    cpu_micros: { gateway_alone: without, permission_client: whole - without, permission_service: rebac },
  }
}

function inWords(name: string, { share, questions, cpu_micros: micros }: Share): string {
  const { gateway_alone: alone, permission_client: client, permission_service: service } = micros
  const costs = `gateway ${alone.toFixed(0)} us of processor time, its permission client ${client.toFixed(0)}`
  return `permission work is ${Math.round(share * 100)}% of a ${name} (${questions} questions): ${costs}, the service ${service.toFixed(0)}`
}

async function call(client: WaveClient, method: string, params: object): Promise<string> {
  const { status, text } = await client.rpc(demoKeys.alice, method, params)
  if (status !== 200 || !text.includes('"result"')) throw new Error(`${method}: HTTP ${status} ${text.slice(0, 200)}`)
  return text
}

/** Without this, a gateway that allows everything would look fast. */
async function mustDeny(client: WaveClient): Promise<void> {
  const { text } = await client.rpc(demoKeys.alice, 'read', { path: NOT_SHARED })
  if (!text.includes('-32004')) throw new Error(`wrong answer: reading ${NOT_SHARED} was not denied`)
}
