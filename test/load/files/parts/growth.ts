import { interleave, median, medianRatio } from '../../figures.ts'
import type { Part } from '../../part.ts'
import { BenchGateway } from '../bench-gateway.ts'
import { fileName, seedFiles, TREE } from '../seed-files.ts'
import type { Sizes } from '../sizes.ts'
import { wireCall, WireClient } from '../wire-client.ts'

const PAGE = 100
const REPEATS = 20
const CREATED = 100

/** What grows with the number of files in a tenant, for an ordinary user who may read and write all of them. */
export const growth: Part<Sizes> = async ({ large, small, rounds }, say) => {
  say(`growth: storing ${small} and ${large} files`)
  await using few = await SeededTenant.start(small)
  await using many = await SeededTenant.start(large)
  const names = Object.keys(MEASURES) as (keyof typeof MEASURES)[]
  const ratios: Record<string, number> = {}
  const times: Record<string, { few: number; many: number }> = {}
  for (const name of names) {
    say(`growth: ${name.replaceAll('_', ' ')}`)
    const found = await interleave({ few: () => few.timeOf(name), many: () => many.timeOf(name) }, rounds)
    ratios[name] = medianRatio(found.many, found.few)
    times[name] = { few: median(found.few), many: median(found.many) }
  }
  const notes = Object.entries(times).map(([name, time]) => {
    const factor = (ratios[name] ?? Number.NaN).toFixed(2)
    return `${name.replaceAll('_', ' ')}: ${time.few.toFixed(2)} ms with ${small} files, ${time.many.toFixed(2)} ms with ${large}: ${factor} times`
  })
  return { figures: { growth: ratios, growth_ms: times }, notes }
}

type Call = (method: string, params: object) => Promise<{ readonly [key: string]: unknown }>

/** Each takes milliseconds; what changes something leaves it as it was. */
const MEASURES = {
  list_page: (call: Call, count: number) =>
    page(call, { path: `${TREE}/big`, recursive: false, cursor: cursorAt(`${TREE}/big/${fileName(count / 20)}`) }),
  tree_page: (call: Call, count: number) =>
    page(call, { path: TREE, recursive: true, cursor: cursorAt(`${TREE}/big/${fileName(count / 20)}`) }),
  root_page: (call: Call) => page(call, { path: '/', recursive: true }),
  rename: (call: Call) =>
    timed(2, async () => {
      await call('rename', { old_path: TREE, new_path: '/w/moved' })
      await call('rename', { old_path: '/w/moved', new_path: TREE })
    }),
  glob_in_directory: (call: Call) =>
    timed(REPEATS, async () => {
      const { matches } = await call('glob', { path: `${TREE}/d0000`, pattern: 'file-00001?.txt' })
      expectCount(matches, 10)
    }),
  glob_of_everything: (call: Call) =>
    timed(1, async () => {
      const { matches } = await call('glob', { path: TREE, pattern: 'd0000/file-00001?.txt' })
      expectCount(matches, 10)
    }),
  create_in_bulk: (call: Call) => {
    const files = Array.from({ length: CREATED }, (_, index) => [`/w/made/${fileName(index)}`, 'made'])
    return timed(
      CREATED,
      async () => {
        await call('write_batch', { files })
      },
      () => call('rmdir', { path: '/w/made', recursive: true }),
    )
  },
  recursive_list: (call: Call, count: number) =>
    timed(1, async () => {
      expectCount((await call('list', { path: TREE })).files, count)
    }),
} as const

function page(call: Call, params: object): Promise<number> {
  return timed(REPEATS, async () => {
    expectCount((await call('list', { limit: PAGE, ...params })).files, PAGE)
  })
}

/** Milliseconds of one: some are made one after the other. */
async function timed(count: number, action: () => Promise<void>, undo?: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  const times = undo === undefined && count > 2 ? count : 1
  for (let made = 0; made < times; made++) await action()
  const time = performance.now() - begun
  await undo?.()
  return time / count
}

function expectCount(found: unknown, count: number): void {
  const length = Array.isArray(found) ? found.length : 'no'
  if (length !== count) throw new Error(`wrong answer: ${length} paths instead of ${count}`)
}

function cursorAt(path: string): string {
  return Buffer.from(path).toString('base64url')
}

class SeededTenant {
  readonly #gateway: BenchGateway
  readonly #client: WireClient
  readonly #key: string
  readonly #count: number

  private constructor(gateway: BenchGateway, client: WireClient, key: string, count: number) {
    this.#gateway = gateway
    this.#client = client
    this.#key = key
    this.#count = count
  }

  static async start(count: number): Promise<SeededTenant> {
    const gateway = await BenchGateway.start({ prepare: (dataDir) => seedFiles(dataDir, count) })
    const client = await WireClient.open(gateway.url, 1)
    const admin = new SeededTenant(gateway, client, await gateway.key('root', true), count)
    await admin.#call('rebac_create', { subject: ['user', 'alice'], relation: 'direct_owner', object: ['file', '/w'] })
    return new SeededTenant(gateway, client, await gateway.key('alice'), count)
  }

  timeOf(name: keyof typeof MEASURES): Promise<number> {
    return MEASURES[name]((method, params) => this.#call(method, params), this.#count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]()
    await this.#gateway[Symbol.asyncDispose]()
  }

  async #call(method: string, params: object): Promise<{ readonly [key: string]: unknown }> {
    const { body } = await this.#client.send(wireCall(this.#gateway.url, this.#key, method, params))
    const answer = JSON.parse(body.toString()) as { result?: Record<string, unknown> | string; error?: unknown }
    if (answer.result === undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`)
    return typeof answer.result === 'string' ? {} : answer.result
  }
}
