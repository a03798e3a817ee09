import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import type { GatewayClient } from '../gateway-client.ts'
import { anything, fitting, texts } from './hostile-values.ts'
import { problemOf, problemOfCall } from './judge-answer.ts'

/** Names of parameters that methods are asked about; which of them a method knows is found out by asking. */
const PARAMETERS =
  `path paths content old_path new_path src_path dst_path recursive details prefix limit cursor parents exist_ok force
  if_match if_none_match return_metadata start end chunk_size chunks pattern patterns file_pattern ignore_case max_results
  search_mode before_context after_context edits fuzzy_threshold preview version v1 v2 mode renames files skip_errors
  trash_id subject relation object expires_at column_config tuple_id permission subject_type subject_id object_type object_id
  relation_in name description tags metadata workspace_path agent_id snapshot_number snapshot_1 snapshot_2 skill_name tier
  include_metadata mount_point query tenant_id context user_id resource share_id offset ttl inherit_permissions`.split(
    /\s+/,
  )

export interface KnownMethod {
  readonly name: string
  readonly parameters: readonly string[]
}

/** Every method that a gateway serves, with the parameters that it knows. */
export async function learnMethods(client: GatewayClient): Promise<readonly KnownMethod[]> {
  const status = (await (await client.raw('/api/nfs/status')).json()) as { methods: string[] }
  const everything = Object.fromEntries([...PARAMETERS, 'no_such_parameter'].map((name) => [name, null]))
  return await Promise.all(
    status.methods.map(async (name) => {
      const { error } = await client.call(name, everything)
      const unknown = new Set((/unknown parameter ([^;]*)/.exec(error?.message ?? '')?.[1] ?? '').match(/[a-z_0-9]+/g))
      return { name, parameters: PARAMETERS.filter((parameter) => !unknown.has(parameter)) }
    }),
  )
}

/** A call with parameters of which most have the right kind. */
function callOf(methods: readonly KnownMethod[]) {
  return fc.constantFrom(...methods).chain(({ name, parameters }) => {
    const one = (parameter: string) =>
      fc.oneof({ weight: 5, arbitrary: fitting(parameter) }, { weight: 1, arbitrary: anything })
    const values = Object.fromEntries(parameters.map((parameter) => [parameter, one(parameter)]))
    const optional = parameters.filter((parameter) => !/path$|^content$|pattern$|^edits$/.test(parameter))
    const required = parameters.filter((parameter) => !optional.includes(parameter))
    const params = fc.record(values, { requiredKeys: required })
    return fc.record({ method: fc.constant(name), params })
  })
}

/** Bodies that are no JSON-RPC request, or nearly one. */
const bodies = fc.oneof(
  fc.record({ id: anything, method: anything, params: anything, jsonrpc: anything }, { requiredKeys: [] }).map(textOf),
  anything.map(textOf),
  texts,
  fc.tuple(anything.map(textOf), fc.nat({ max: 40 })).map(([text, length]) => text.slice(0, length)),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)
const headers = fc.record(
  {
    'content-type': fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/json; charset=x',
      '',
    ),
    'content-encoding': fc.constantFrom('gzip', 'br', 'deflate', 'identity', 'zstd', 'x'),
    'x-request-id': fc.constantFrom('a b', 'x'.repeat(500), 'ok'),
    'x-nexus-revision': fc.constantFrom('x', 'AAAA', '=', 'v1.e.t.9'),
    'if-none-match': fc.constantFrom('*', '"', 'W/"x"', ',,'),
  },
  { requiredKeys: [] },
)

/** Mostly the caller's own; what is refused for whom it comes from is not looked at any further. */
const identities = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Bearer', 'Bearer sk-', 'Basic eA==').map((authorization) => ({ authorization })),
  },
  { weight: 1, arbitrary: fc.constantFrom('fuzzer,none', 'x', ',', '*').map((agent) => ({ 'x-agent-id': agent })) },
)

export interface FuzzOptions {
  readonly seed: number
  readonly runs: number
}

/** Calls with hostile parameters. @throws Error of fast-check with the smallest one whose answer is wrong */
export async function fuzzCalls(
  clients: readonly GatewayClient[],
  methods: readonly KnownMethod[],
  { seed, runs }: FuzzOptions,
): Promise<void> {
  const property = fc.asyncProperty(
    fc.constantFrom(...clients),
    callOf(methods),
    async (client, { method, params }) => {
      const answer = await client.call(method, params)
      const problem = problemOfCall(answer)
      if (problem !== null) throw new Error(problem)
    },
  )
  await fc.assert(property, { seed, numRuns: runs })
}

/** Bodies and headers that a client would never send. @throws Error as fuzzCalls */
export async function fuzzEnvelopes(
  client: GatewayClient,
  methods: readonly KnownMethod[],
  { seed, runs }: FuzzOptions,
): Promise<void> {
  const names = fc.oneof(
    fc.constantFrom(...methods.map(({ name }) => name)),
    fc.constantFrom('x', '%00', '%ff', '..', '*'),
  )
  const property = fc.asyncProperty(
    names,
    bodies,
    fc.nat({ max: 4 }),
    headers,
    identities,
    async (name, body, packed, more, who) => {
      const bytes = packed === 0 ? new Uint8Array(gzipSync(body)) : body
      const response = await client.raw(`/api/nfs/${name}`, {
        method: 'POST',
        body: bytes,
        headers: { ...more, ...who },
      })
      const problem = problemOf({ status: response.status, text: await response.text() })
      if (problem !== null) throw new Error(problem)
    },
  )
  await fc.assert(property, { seed, numRuns: runs })
}

function textOf(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
