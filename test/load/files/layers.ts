import type { Profiler } from 'node:inspector'

/** What a request costs is a part of: its names, in the order of a request. */
export const LAYERS = ['http', 'envelope', 'permission', 'metadata', 'content', 'collector', 'other'] as const
export type Layer = (typeof LAYERS)[number]

/** By the files of what runs; the innermost function that has one of these decides. */
const PLACES: readonly (readonly [RegExp, Layer])[] = [
  [/\/gateway\/permissions\/|@grpc\/|@bufbuild|\/common\/(?:gen|grpc)\/|internal\/http2/, 'permission'],
  [/\/gateway\/content\/|node:(?:internal\/)?fs/, 'content'],
  [/\/common\/sql\/|better-sqlite3|node_modules\/pg/, 'metadata'],
  [/\/gateway\/rpc\/|\/zod\/|body-parser|raw-body/, 'envelope'],
  [
    /\/gateway\/(?:http|keys)\/|\/(?:express|router|compression|cors|send|on-headers|vary)\/|node:_http|node:net/,
    'http',
  ],
  [/\/gateway\//, 'metadata'],
]

/** Microseconds of processor time by layer, as a profile has them; what nobody did is left out. */
export function byLayer({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Record<Layer, number> {
  const layers = layerOfNodes(nodes)
  const micros = Object.fromEntries(LAYERS.map((layer) => [layer, 0])) as Record<Layer, number>
  for (const [index, sample] of samples.entries()) {
    const layer = layers.get(sample)
    // A delta is the time before its sample: what the sample saw went on until the next.
    if (layer !== undefined && layer !== null) micros[layer] += timeDeltas[index + 1] ?? 0
  }
  return micros
}

/** null: nothing ran. */
function layerOfNodes(nodes: readonly Profiler.ProfileNode[]): ReadonlyMap<number, Layer | null> {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const known = new Map<number, Layer | null>()
  const find = (id: number): Layer | null => {
    const before = known.get(id)
    if (before !== undefined) return before
    const parent = parents.get(id)
    const own = ownLayer(byId.get(id))
    const layer = own !== undefined ? own : parent === undefined ? 'other' : find(parent)
    known.set(id, layer)
    return layer
  }
  for (const { id } of nodes) find(id)
  return known
}

function ownLayer(node: Profiler.ProfileNode | undefined): Layer | null | undefined {
  const { functionName = '', url = '' } = node?.callFrame ?? {}
  if (functionName === '(idle)') return null
  if (functionName === '(garbage collector)') return 'collector'
  return PLACES.find(([place]) => place.test(url))?.[1]
}
