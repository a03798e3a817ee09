import { describe, expect, it } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { EDGES_PER_STEP, type Steps } from '../../../services/rebac/engine/steps.ts'
import { TenantGraph } from '../../../services/rebac/graph/tenant-graph.ts'
import type { Subject } from '../../../services/rebac/model/relationship.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { readRelationship, readSubject } from '../../support/naive/case-file.ts'

const SIZE = 2_000
const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type folder
  relations
    define parent: [folder]
    define viewer: [user, user:*, group#member] or viewer from parent
    define blocked: [user]
    define reader: viewer but not blocked
`
const schema = compileSchema(
  { format: 'dsl', hierarchies: [{ type: 'folder', relation: 'parent', separator: '/' }], model: MODEL },
  'steps',
)

function evaluatorOf(relationships: readonly string[]): Evaluator {
  const graph = new TenantGraph()
  graph.load(relationships.map(readRelationship))
  const options = { now: 0, context: {}, contextual: [], maxDepth: 0, nodeBudget: 0, deadline: Infinity }
  return new Evaluator(schema, graph, options)
}

function drive<T>(steps: Steps<T>): { made: number; value: T } {
  for (let made = 0; ; made++) {
    const step = steps.next()
    if (step.done === true) return { made, value: step.value }
  }
}

function many(make: (index: number) => string): string[] {
  return Array.from({ length: SIZE }, (_, index) => make(index))
}

describe('6.8 long lists are made in steps', () => {
  it.each([
    ['direct relationships of the subject', many((index) => `folder:/f${index}#viewer@user:ann`)],
    ['everybody', many((index) => `folder:/f${index}#viewer@user:*`)],
    ['children of a folder', ['folder:/#viewer@user:ann', ...many((index) => `folder:/f${index}#blocked@user:bob`)]],
  ])('objects: %s', (_, relationships) => {
    const question = {
      objectType: 'folder',
      relation: 'reader',
      subjects: [{ tenant: '', type: 'user', id: 'ann', relation: '' }],
      idPrefix: '/f',
      afterId: '',
      limit: 0,
    }
    const evaluator = evaluatorOf(relationships)
    const { made, value } = drive(evaluator.listObjectsInSteps(question))
    expect(value.map(({ id }) => id)).toEqual(many((index) => `/f${index}`).sort())
    expect(evaluator.listObjects(question)).toEqual(value)
    // One for each that is checked, and before that some for finding them.
    expect(made).toBeGreaterThanOrEqual(SIZE + Math.floor(SIZE / EDGES_PER_STEP))
  })

  it('objects of which it is certain are not checked, whoever else may have them', () => {
    const ann = readSubject('user:ann')
    const bob = readSubject('user:bob')
    const later = ' expires 2100-01-01T00:00:00Z'
    const relationships = many((index) => `folder:/f${index}#viewer@user:ann`)
    const open = relationships.map((text) => text.replace('ann', 'bob') + later)
    const stepsOf = (stored: readonly string[], ...subjects: Subject[]): number => {
      const question = { objectType: 'folder', relation: 'viewer', subjects, idPrefix: '', afterId: '', limit: 0 }
      const { made, value } = drive(evaluatorOf(stored).listObjectsInSteps(question))
      expect(value).toHaveLength(SIZE)
      return made
    }
    // Each is looked at three times, 64 in a step: when it is found, when it is chosen, and when it is listed.
    const looks = Math.floor((3 * SIZE) / 64)
    const finding = Math.ceil(SIZE / 32)
    expect(stepsOf(relationships, ann)).toBeGreaterThanOrEqual(looks + Math.floor(SIZE / EDGES_PER_STEP))
    expect(stepsOf(relationships, ann)).toBeLessThan(looks + finding)
    expect(stepsOf([...relationships, ...open], ann, bob)).toBeLessThan(2 * (looks + finding))
    expect(stepsOf([...relationships, ...open], bob, ann)).toBeLessThan(2 * (looks + finding))
    expect(stepsOf(open, bob)).toBeGreaterThanOrEqual(SIZE)
  })

  it.each([
    ['direct relationships', many((index) => `folder:/f#viewer@user:u${index}`)],
    ['members of a group', ['folder:/f#viewer@group:g#member', ...many((index) => `group:g#member@user:u${index}`)]],
  ])('subjects: %s', (_, relationships) => {
    const question = {
      objectType: 'folder',
      objectId: '/f/g',
      relation: 'reader',
      subjectType: 'user',
      subjectRelation: '',
    }
    const evaluator = evaluatorOf(relationships)
    const { made, value } = drive(evaluator.listSubjectsInSteps(question))
    expect(value.map(({ subject }) => subject.id)).toEqual(many((index) => `u${index}`).sort())
    expect(evaluator.listSubjects(question)).toEqual(value)
    expect(made).toBeGreaterThanOrEqual(SIZE + Math.floor(SIZE / EDGES_PER_STEP))
  })
})
