import { BenchGateway } from '../files/bench-gateway.ts'
import { wireCall, WireClient, wireRequest } from '../files/wire-client.ts'
import type { SkillSizes } from './sizes.ts'

const BATCH = 500
/** Among so many people the skills are spread. */
const PEOPLE = 100

/** A system with skills of other people, of which a reader can read some, each by a relationship of its own. */
export class SkillTenant implements AsyncDisposable {
  readonly gateway: BenchGateway
  readonly #client: WireClient
  readonly #readable: number
  readonly #list: Buffer
  readonly #expected: Buffer

  private constructor(gateway: BenchGateway, client: WireClient, readable: number, list: Buffer, expected: Buffer) {
    this.gateway = gateway
    this.#client = client
    this.#readable = readable
    this.#list = list
    this.#expected = expected
  }

  static async start(count: number, { readable, inFlight }: SkillSizes): Promise<SkillTenant> {
    const gateway = await BenchGateway.start()
    const client = await WireClient.open(gateway.url, inFlight)
    const admin = await gateway.key('root', true)
    const call = async (method: string, params: object): Promise<void> => {
      const { body } = await client.send(wireCall(gateway.url, admin, method, params))
      if (!body.includes('"result"')) throw new Error(`${method}: ${body.toString().slice(0, 300)}`)
    }
    const grant = (user: string, relation: string, path: string) =>
      call('rebac_create', { subject: ['user', user], relation, object: ['file', path] })
    // One relationship for all skills, and none for each.
    await grant('root', 'direct_owner', '/tenant:bench')
    const paths = Array.from({ length: count }, (_, at) => `/tenant:bench/user:u${at % PEOPLE}/skill/skill-${at}`)
    for (let start = 0; start < count; start += BATCH) {
      const files = paths.slice(start, start + BATCH).map((path, at) => [`${path}/SKILL.md`, skillMd(start + at)])
      await call('write_batch', { files })
    }
    const step = Math.floor(count / readable)
    for (let at = 0; at < readable; at++) await grant('reader', 'direct_viewer', paths[at * step] ?? '')
    const list = wireCall(gateway.url, await gateway.key('reader'), 'skills_list', {})
    const { body } = await client.send(list)
    if (!body.includes(`"count":${readable}`))
      throw new Error(`the list is not complete: ${body.toString().slice(-200)}`)
    return new SkillTenant(gateway, client, readable, list, body)
  }

  /** Bytes of a list. */
  get size(): number {
    return this.#expected.length
  }

  /** Lists once. @throws Error if something is missing */
  readonly list = async (): Promise<number> => {
    const { body } = await this.#client.send(this.#list)
    if (!body.equals(this.#expected))
      throw new Error(`a list has not the same ${this.#readable} skills: ${body.length} bytes`)
    return 1
  }

  /** Asks for an answer of the same size that is always the same. */
  readonly constant = async (): Promise<number> => {
    const path = `/beside?size=${this.size}`
    const { body } = await this.#client.send(wireRequest(this.gateway.url, { path, key: '', body: '{}' }))
    if (body.length !== this.size) throw new Error(`a constant answer has ${body.length} bytes`)
    return 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]()
    await this.gateway[Symbol.asyncDispose]()
  }
}

function skillMd(at: number): string {
  const description = `Does number ${at} of many things, and says in which situations an agent should use it rather than another.`
  return `---\nname: skill-${at}\ndescription: ${description}\nversion: "1.${at}"\n---\n# Skill ${at}\n\nDo it step by step.\n`
}
