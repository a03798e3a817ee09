import { defaultSchema } from '../../../../services/rebac/schema/default-schema.ts'
import { newEvaluator } from '../checker.ts'
import { interleave, median, medianRatio } from '../../figures.ts'
import { loadGraph } from '../load-graph.ts'
import type { Part } from '../../part.ts'
import { relationship } from '../relationship.ts'
import { settledMemory } from '../settle.ts'
import type { Sizes } from '../sizes.ts'

const ROUNDS = 5
/**
 * How often it is listed for one figure. A forced collection also throws away compiled code that nothing is using right
 * then: the first list after it is one that no server sees, as the first of a million checks is.
 */
const LISTS = 10
const LISTER = { tenant: '', type: 'user', id: 'lister', relation: '' }
const FOLDER = '/shared'

/** An object, and who is its viewer. */
interface Listable {
  readonly id: string
  readonly viewer: string
}

/** Listing what a user may read against asking about every object there is, with all that one request may share. */
export const listing: Part<Sizes> = async (sizes, say) => {
  const schema = defaultSchema()
  const stride = sizes.large / sizes.listed
  const objects = Array.from({ length: sizes.large }, (_, index) => listable(index, stride))
  say(`lists: loading ${objects.length} objects`)
  const graph = loadGraph(schema, [
    [relationship('group:readers', 'member', 'user:lister')],
    objects.map(({ id, viewer }) => relationship(`file:${id}`, 'direct_viewer', viewer)),
  ])
  const question = { objectType: 'file', relation: 'read', subjects: [LISTER] }
  const list = (): readonly string[] =>
    newEvaluator(schema, graph)
      .listObjects({ ...question, idPrefix: '', afterId: '', limit: 0 })
      .map(({ id }) => id)
  const checkAll = (): readonly string[] => {
    const evaluator = newEvaluator(schema, graph)
    return objects.flatMap(({ id }) => (evaluator.check({ ...question, objectId: id }) ? [id] : []))
  }
  say(`lists: ${sizes.listed} objects, against ${objects.length} checks in bulk`)
  mustAgree(list(), checkAll(), sizes.listed)
  const ms = await interleave(
    { list: () => timed(list, LISTS), checks: () => timed(checkAll, 1) },
    Math.min(ROUNDS, sizes.rounds),
  )
  const middle = { list: median(ms.list), checks: median(ms.checks) }
  return {
    figures: { list_vs_checks: medianRatio(ms.checks, ms.list), list_ms: middle },
    notes: [`a list took ${middle.list.toFixed(1)} ms, asking about every object ${middle.checks.toFixed(0)} ms`],
  }
}

/** One of so many is the lister's: by a relationship, by a group, or in a folder that is. */
function listable(index: number, stride: number): Listable {
  if (index === 0) return { id: FOLDER, viewer: 'user:lister' }
  const others = `user:user${index % 50_000}`
  const elsewhere = `/projects/project${index % 1_000}/document-${index}.md`
  if (index % stride !== 0) return { id: elsewhere, viewer: others }
  const way = (index / stride) % 3
  if (way === 0) return { id: `${FOLDER}/folder${index % 7}/document-${index}.md`, viewer: others }
  return { id: elsewhere, viewer: way === 1 ? 'user:lister' : 'group:readers#member' }
}

function mustAgree(listed: readonly string[], allowed: readonly string[], expected: number): void {
  const isSame = JSON.stringify(listed) === JSON.stringify(allowed.toSorted())
  if (isSame && listed.length === expected) return
  throw new Error(`wrong answer: ${listed.length} objects are listed, ${allowed.length} allowed, of ${expected}`)
}

function timed(work: () => unknown, times: number): number {
  // What the one before left behind is not this one's work.
  settledMemory()
  if (times > 1) work()
  const begun = performance.now()
  for (let count = 0; count < times; count++) work()
  return (performance.now() - begun) / times
}
