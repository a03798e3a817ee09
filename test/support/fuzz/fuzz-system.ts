import { readdir } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { GatewayClient } from '../gateway-client.ts'
import type { TestSystem } from '../gateway-process.ts'
import { fuzzCalls, fuzzEnvelopes, type FuzzOptions, type KnownMethod, learnMethods } from './fuzz-calls.ts'
import { fuzzBytes, fuzzRoutes } from './fuzz-routes.ts'
import { SECRET } from './judge-answer.ts'
import { RawClient } from './raw-request.ts'

/** A gateway with somebody who sends nonsense, and another tenant about which he must find out nothing. */
export class FuzzedSystem {
  readonly #system: TestSystem
  readonly #key: string
  readonly #callers: readonly GatewayClient[]
  readonly #victim: GatewayClient
  readonly #raw: RawClient
  readonly #methods: readonly KnownMethod[]
  readonly #before: unknown

  private constructor(
    system: TestSystem,
    key: string,
    callers: readonly GatewayClient[],
    victim: GatewayClient,
    known: { readonly methods: readonly KnownMethod[]; readonly before: unknown },
  ) {
    this.#system = system
    this.#key = key
    this.#callers = callers
    this.#victim = victim
    this.#raw = new RawClient(system.url)
    this.#methods = known.methods
    this.#before = known.before
  }

  static async create(system: TestSystem): Promise<FuzzedSystem> {
    const victim = await system.as('victim', { tenant: 'secret', isAdmin: true })
    await victim.ok('write', { path: `/tenant:secret/${SECRET}/${SECRET}.txt`, content: SECRET })
    await victim.ok('register_workspace', { path: `/tenant:secret/${SECRET}`, name: SECRET })
    const admin = await system.as('root', { tenant: 'fuzz', isAdmin: true })
    await admin.ok('rebac_create', { subject: ['user', 'fuzzer'], relation: 'direct_owner', object: ['file', '/home'] })
    const { key } = await system.makeKey('fuzzer', { tenant: 'fuzz' })
    const fuzzer = system.client(key)
    await fuzzer.ok('write', { path: '/home/a', content: 'text' })
    const known = { methods: await learnMethods(fuzzer), before: await everythingOf(victim) }
    return new FuzzedSystem(system, key, [fuzzer, admin], victim, known)
  }

  /**
   * Sends so many requests of each kind.
   * @throws Error with the smallest request whose answer is wrong, or what else is wrong afterwards
   */
  async run(options: FuzzOptions): Promise<void> {
    const [fuzzer] = this.#callers
    if (fuzzer === undefined) throw new Error('nobody calls')
    await fuzzCalls(this.#callers, this.#methods, options)
    await fuzzEnvelopes(fuzzer, this.#methods, options)
    await fuzzRoutes(this.#raw, this.#key, options)
    await fuzzBytes(this.#raw, { ...options, runs: Math.ceil(options.runs / 10) })
    await this.#check()
  }

  close(): void {
    this.#raw.close()
  }

  async #check(): Promise<void> {
    const health = await fetch(`${this.#system.url}/health/ready`)
    if (health.status !== 200) throw new Error(`afterwards the gateway says ${health.status}`)
    if (!isDeepStrictEqual(await everythingOf(this.#victim), this.#before))
      throw new Error('something of another tenant was changed')
    const strange = (await filesBelow(this.#system.dataDir)).filter((file) => !EXPECTED.test(file))
    if (strange.length > 0) throw new Error(`there are files that no part of the system makes: ${strange.join(', ')}`)
  }
}

/** Databases with what belongs to them, secrets, and contents by their hashes. */
const EXPECTED = /^(?:(?:gateway|rebac)\.db[\w.-]*|[\w-]*(?:token|key|secret)[\w.-]*|content\/(?:tmp\/)?[0-9a-f/-]+)$/

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(directory.length + 1))
}

async function everythingOf(victim: GatewayClient): Promise<unknown> {
  const { files } = await victim.ok<{ files: { path: string }[] }>('list', { path: '/tenant:secret', details: true })
  const contents = await Promise.all(files.map(({ path }) => victim.call('read', { path })))
  return [files, contents.map(({ text }) => text), await victim.ok('rebac_list_tuples')]
}
