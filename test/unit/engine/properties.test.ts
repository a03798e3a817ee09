import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NexusError } from '../../../services/common/errors/nexus-error.ts'
import { type EvaluationOptions, Evaluator, type Question } from '../../../services/rebac/engine/evaluator.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Subject } from '../../../services/rebac/model/relationship.ts'
import { NaiveEvaluator, type NaiveValue, TooMuchWork } from '../../support/naive/naive-evaluator.ts'
import { ALL_RELATIONS, NOW, OBJECTS, SUBJECTS, type World, worlds } from '../../support/naive/random-model.ts'
import { evaluatorOfEarlier, PartialEvaluator, type Verbs } from '../../support/store-backed/partial-evaluator.ts'

const numRuns = Number(process.env['NEXUS_PROPERTY_RUNS'] ?? 200)

/** A limit of depth that nothing reaches: such questions are never answered the quick way. */
const UNREACHED_DEPTH = 2 ** 30

type MakeEvaluator = (world: World, maxDepth?: number) => Verbs

function optionsOf({ context, contextual }: World, maxDepth = 0): EvaluationOptions {
  return { now: NOW, context, contextual, maxDepth, nodeBudget: 0, deadline: Infinity }
}

/** From how many relationships on an object is fetched in pieces. */
function outlineFrom({ stored }: World): number {
  return stored.length % 3
}

const makers: readonly (readonly [string, MakeEvaluator])[] = [
  [
    'in memory',
    (world, maxDepth) => {
      const graph = new TenantGraph()
      graph.load(world.stored)
      return new Evaluator(world.schema, graph, optionsOf(world, maxDepth))
    },
  ],
  [
    'over parts that it fetches',
    (world, maxDepth) =>
      new PartialEvaluator(world.schema, world.stored, optionsOf(world, maxDepth), { outlineFrom: outlineFrom(world) }),
  ],
  [
    'over parts of a later state',
    (world, maxDepth) => evaluatorOfEarlier(world.schema, world.stored, optionsOf(world, maxDepth), outlineFrom(world)),
  ],
]

function naiveOf(world: World, conditionsLast: boolean): NaiveEvaluator {
  return new NaiveEvaluator(world.schema, world.stored, { now: NOW, ...world, conditionsLast })
}

/** What the naive evaluator says; null where it gives up, or where cycles and errors meet and the rules leave it open. */
function ask(
  naive: NaiveEvaluator,
  object: { type: string; id: string },
  relation: string,
  subject: Subject,
): NaiveValue | null {
  try {
    const value = naive.check(object.type, object.id, relation, subject)
    return naive.sawCycle && naive.sawError ? null : value
  } catch (error) {
    if (error instanceof TooMuchWork) return null
    throw error
  }
}

function outcome(answer: () => boolean): NaiveValue {
  const result = attempt(answer)
  return result === 'E' ? 'E' : result ? 'T' : 'F'
}

function describeWorld({ source, stored, contextual, context }: World): string {
  const text = (one: World['stored'][number]): string =>
    `${one.objectType}:${one.objectId}#${one.relation}@${one.subjectTenant}/${one.subjectType}:${one.subjectId}#${one.subjectRelation} ` +
    `${one.conditionName} ${JSON.stringify(one.conditionContext)} ${one.expiresAt}`
  return [source.model, ...stored.map(text), 'contextual', ...contextual.map(text), JSON.stringify(context)].join('\n')
}

function forAllWorlds(test: (world: World) => void): void {
  const { counterexample, errorInstance, seed, counterexamplePath } = fc.check(fc.property(worlds, test), { numRuns })
  if (counterexample === null) return
  const where = `seed ${seed}, path ${counterexamplePath ?? ''}`
  throw new Error(`${String(errorInstance)}\n${where}\n${describeWorld(counterexample[0])}`, { cause: errorInstance })
}

/** The result, or 'E' if it failed with an error of the catalogue. */
function attempt<T>(answer: () => T): T | 'E' {
  try {
    return answer()
  } catch (error) {
    if (error instanceof NexusError && error.reason !== 'INTERNAL') return 'E'
    throw error
  }
}

describe.each(makers)('the engine %s against the naive evaluator', (_name, evaluatorOf) => {
  it('check: every object, relation and subject, with one memo and with none', () => {
    forAllWorlds((world) => {
      const naive = naiveOf(world, false)
      const shared = evaluatorOf(world)
      const complete = evaluatorOf(world, UNREACHED_DEPTH)
      let count = 0
      for (const subject of SUBJECTS) {
        for (const object of OBJECTS) {
          for (const relation of ALL_RELATIONS) {
            const expected = ask(naive, object, relation, subject)
            if (expected === null) continue
            const question = { objectType: object.type, objectId: object.id, relation, subjects: [subject] }
            const where = `${object.type}:${object.id}#${relation}@${subject.tenant}/${subject.type}:${subject.id}#${subject.relation}`
            if (outcome(() => shared.check(question)) !== expected)
              expect.fail(`shared memo: ${where} must be ${expected}`)
            if (outcome(() => complete.check(question)) !== expected)
              expect.fail(`not the quick way: ${where} must be ${expected}`)
            if (count++ % 17 !== 0) continue
            if (outcome(() => evaluatorOf(world).check(question)) !== expected)
              expect.fail(`${where} must be ${expected}`)
          }
        }
      }
    })
  })

  it('lists of objects: exactly those that check true, and whatever lies below one that covers it', () => {
    forAllWorlds((world) => {
      const naive = naiveOf(world, true)
      const evaluator = evaluatorOf(world)
      for (const subject of SUBJECTS) {
        for (const type of ['group', 'doc', 'dir']) {
          for (const relation of ['r0', 'r2', 'r3', 'parent']) {
            const ids = new Set(naive.occurring(type))
            if (subject.type === type && subject.relation !== '') ids.add(subject.id)
            const values = [...ids].sort().map((id) => ({ id, value: ask(naive, { type, id }, relation, subject) }))
            if (values.some(({ value }) => value === null)) continue
            const where = `${type}#${relation}@${subject.type}:${subject.id}#${subject.relation}`
            const expected = values.some(({ value }) => value === 'E')
              ? 'E'
              : values.filter(({ value }) => value === 'T').map(({ id }) => id)
            const question = { objectType: type, relation, subjects: [subject], idPrefix: '', afterId: '', limit: 0 }
            const listed = attempt(() => evaluator.listObjects(question))
            expect(listed === 'E' ? 'E' : listed.map(({ id }) => id), where).toEqual(expected)
            if (listed === 'E' || type !== 'dir') continue
            for (const { id, coversSubtree } of listed) {
              if (!coversSubtree) continue
              const below = { type, id: id === '/' ? '/q/r' : `${id}/q/r` }
              expect(ask(naive, below, relation, subject) ?? 'T', `${where} below ${id}`).toBe('T')
            }
          }
        }
      }
    })
  })

  it('lists of subjects: everybody is covered by the list exactly if the check is true', () => {
    forAllWorlds((world) => {
      const naive = naiveOf(world, true)
      const evaluator = evaluatorOf(world)
      for (const object of OBJECTS) {
        for (const relation of ['r0', 'r1', 'r3']) {
          for (const [subjectType, subjectRelation] of [
            ['user', ''],
            ['dir', ''],
            ['group', 'r0'],
            ['dir', 'r1'],
          ] as const) {
            const asked = [...naive.occurring(subjectType), 'nobody', 'other/ann'].map((id): Subject => {
              const foreign = id.startsWith('other/')
              return {
                tenant: foreign ? 'other' : '',
                type: subjectType,
                id: foreign ? 'ann' : id,
                relation: subjectRelation,
              }
            })
            const subjects = subjectRelation === '' ? asked : asked.filter(({ tenant }) => tenant === '')
            const values = subjects.map((subject) => ask(naive, object, relation, subject))
            if (values.includes(null)) continue
            const question = { objectType: object.type, objectId: object.id, relation, subjectType, subjectRelation }
            const listed = attempt(() => evaluator.listSubjects(question))
            if (listed === 'E' || values.includes('E')) {
              expect(values, 'an error without a reason').toContain('E')
              continue
            }
            for (const [index, subject] of subjects.entries()) {
              const where = `${object.type}:${object.id}#${relation}@${subject.tenant}/${subject.type}:${subject.id}#${subject.relation}`
              expect(covers(listed, subject), where).toBe(values[index] === 'T')
            }
          }
        }
      }
    })
  })

  it('permissions, expand and explain agree with check', () => {
    forAllWorlds((world) => {
      const evaluator = evaluatorOf(world)
      const naive = naiveOf(world, false)
      for (const subject of SUBJECTS.slice(0, 5)) {
        for (const object of OBJECTS) {
          const question = (relation: string): Question => ({
            objectType: object.type,
            objectId: object.id,
            relation,
            subjects: [subject],
          })
          const relations = [...(world.schema.types.get(object.type)?.relations.keys() ?? [])]
          if (relations.some((relation) => ask(naive, object, relation, subject) === null)) continue
          const values = relations.map((relation) => outcome(() => evaluator.check(question(relation))))
          const held = attempt(() => evaluator.listPermissions(object.type, object.id, [subject]))
          const expected = relations.filter((_, index) => values[index] === 'T').sort()
          if (held === 'E' || values.includes('E')) expect(values.includes('E') && held === 'E').toBe(true)
          else expect(held.filter((name) => relations.includes(name))).toEqual(expected)
          for (const [index, relation] of relations.entries()) {
            evaluator.expand(object.type, object.id, relation)
            const { outcome: explained } = evaluator.explain(object.type, object.id, relation, subject)
            if (values[index] === 'T') expect(explained).toBe('true')
            if (values[index] === 'E') expect(explained).toBe('error')
            if (values[index] === 'F') expect(['false', 'cycle']).toContain(explained)
          }
        }
      }
    })
  })
})

function covers(listed: ReturnType<Evaluator['listSubjects']>, asked: Subject): boolean {
  const same = (one: Subject): boolean =>
    one.tenant === asked.tenant && one.type === asked.type && one.id === asked.id && one.relation === asked.relation
  return listed.some(({ subject, excluded }) => {
    if (same(subject)) return true
    if (asked.relation !== '' || subject.id !== '*') return false
    const included = subject.type === '*' || (asked.tenant === '' && subject.type === asked.type)
    const isExcluded = excluded.some(
      (one) => same(one) || (one.id === '*' && asked.tenant === '' && one.type === asked.type),
    )
    return included && !isExcluded
  })
}
