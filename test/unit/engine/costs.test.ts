import { afterEach, describe, expect, it, vi } from 'vitest'
import { Evaluator } from '../../../services/rebac/engine/evaluator.ts'
import { WorkLimit } from '../../../services/rebac/engine/work-limit.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { readQuestion } from '../../support/naive/case-file.ts'
import { graphOf, options } from './support/long-graphs.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user, user:*, group#member]
    define trusted: [user, group#trusted] but not banned
    define banned: [user]
type folder
  relations
    define parent: [folder]
    define viewer: [user, user:*, group#member] or viewer from parent
    define reader: viewer but not blocked
    define blocked: [user, group#member]
    define both: viewer and blocked
`
const schema = compileSchema({ format: 'dsl', hierarchies: [], model: MODEL }, 'costs')

const SIZE = 20
const each = (write: (index: number) => string): string[] => Array.from({ length: SIZE }, (_, index) => write(index))
/** Every group is a member of every other. */
const dense = (relation: string): string[] =>
  each((one) => `group:${one}`).flatMap((one) => each((other) => `${one}#${relation}@group:${other}#${relation}`))

const chain = [...each((index) => `group:${index}#member@group:${index + 1}#member`), `group:${SIZE}#member@user:ann`]
const trusted = [
  ...each((index) => `group:${index}#trusted@group:${index + 1}#trusted`),
  `group:${SIZE}#trusted@user:ann`,
]
const tree = [...each((index) => `folder:${index + 1}#parent@folder:${index}`), 'folder:0#viewer@user:ann']

afterEach(() => vi.restoreAllMocks())

/** An evaluator that leaves nothing to the quick walk, which is not counted. */
function evaluatorOf(relationships: readonly string[]): Evaluator {
  return new Evaluator(schema, graphOf(relationships), { ...options, maxDepth: 1_000 })
}

/** How many nodes and relationships are looked at for each of some questions, one after another. */
function costs(relationships: readonly string[], ...questions: string[]): number[] {
  const evaluator = evaluatorOf(relationships)
  const spend = vi.spyOn(WorkLimit.prototype, 'spend')
  return questions.map((text) => {
    spend.mockClear()
    put(evaluator, text)
    return spend.mock.calls.length
  })
}

/** Check, `list objects ...`, `list subjects ...`, `expand ...` or `explain ...`. */
function put(evaluator: Evaluator, text: string): unknown {
  const [, verb = '', question = ''] =
    /^(list objects|list subjects|permissions|expand|explain)? ?(.*)$/.exec(text) ?? []
  const { subject, objectType, objectId, relation } = readQuestion(question)
  switch (verb) {
    case 'list objects':
      return evaluator.listObjects({ objectType, relation, subjects: [subject], idPrefix: '', afterId: '', limit: 0 })
    case 'list subjects':
      return evaluator.listSubjects({ objectType, objectId, relation, subjectType: subject.type, subjectRelation: '' })
    case 'permissions':
      return evaluator.listPermissions(objectType, objectId, [subject])
    case 'expand':
      return evaluator.expand(objectType, objectId, relation)
    case 'explain':
      return evaluator.explain(objectType, objectId, relation, subject)
    default:
      return evaluator.check({ objectType, objectId, relation, subjects: [subject] })
  }
}

/** In how many steps the subjects of `folder:0#viewer` are listed. */
function stepsOf(relationships: readonly string[]): number {
  const question = { objectType: 'folder', objectId: '0', relation: 'viewer', subjectType: 'user', subjectRelation: '' }
  const steps = evaluatorOf(relationships).listSubjectsInSteps(question)
  for (let made = 0; ; made++) if (steps.next().done === true) return made
}

// What is counted here is the same on every machine. Who changes a figure changes how fast the engine is: it may fall.
describe('6.5 how many nodes and relationships are looked at', () => {
  it.each<[string, readonly string[], Readonly<Record<string, number>>]>([
    [
      'a chain of groups: the second search remembers, the first does not',
      chain,
      {
        'group:0#member@user:ann': 41,
        ' group:0#member@user:ann': 41,
        '  group:0#member@user:ann': 0,
        'group:1#member@user:ann': 0,
        'group:5#member@user:bob': 31,
        'group:0#member@user:bob': 41,
        'group:9#member@user:bob': 0,
      },
    ],
    [
      'a chain that needs the exact evaluation, which remembers at once',
      trusted,
      {
        'group:0#trusted@user:ann': 62,
        ' group:0#trusted@user:ann': 4,
        'group:5#trusted@user:bob': 31,
        'group:0#trusted@user:bob': 13,
      },
    ],
    [
      'groups that are all members of each other',
      dense('member'),
      { 'group:0#member@user:ann': 420, 'group:1#member@user:ann': 420, 'group:2#member@user:ann': 0 },
    ],
    [
      'the same in an exact evaluation',
      dense('trusted'),
      { 'group:0#trusted@user:ann': 841, 'group:1#trusted@user:ann': 41, 'group:2#trusted@user:bob': 841 },
    ],
    [
      'folders in folders',
      tree,
      {
        'folder:20#viewer@user:ann': 41,
        'folder:20#reader@user:ann': 43,
        'folder:20#both@user:ann': 3,
        'folder:19#both@user:bob': 40,
      },
    ],
    [
      'folders that have nothing',
      each((index) => `folder:0#parent@folder:${index + 1}`),
      { 'folder:0#viewer@user:ann': 21, ' folder:0#viewer@user:ann': 21, 'folder:0#viewer@folder:3#viewer': 22 },
    ],
    [
      'lists of objects below',
      tree,
      {
        'list objects folder:#viewer@user:ann': 84,
        'list objects folder:#reader@user:ann': 166,
        'list objects folder:#viewer@user:bob': 0,
      },
    ],
    [
      'lists of objects side by side',
      each((index) => `folder:${index}#viewer@user:ann`),
      {
        'list objects folder:#viewer@user:ann': 60,
        'list objects folder:#reader@user:ann': 120,
        'list objects folder:#both@user:ann': 120,
      },
    ],
    [
      'lists of direct members',
      each((index) => `folder:0#viewer@user:u${index}`),
      { 'list subjects folder:0#viewer@user:': 42, 'list subjects folder:0#reader@user:': 85 },
    ],
    [
      'lists of members of many groups',
      [...each((index) => `folder:0#viewer@group:${index}#member`), ...each((index) => `group:${index}#member@user:u`)],
      { 'list subjects folder:0#viewer@user:': 105, 'list subjects folder:0#both@user:': 110 },
    ],
    [
      'lists of members of groups in a ring',
      each((index) => `group:${index}#member@group:${(index + 1) % SIZE}#member`),
      { 'list subjects group:0#member@user:': 81 },
    ],
    [
      'lists of who may see what is far below',
      tree,
      { 'list subjects folder:20#viewer@user:': 124, 'list subjects folder:20#viewer@group:': 83 },
    ],
    [
      'lists of who is named beside everybody',
      [...chain, 'group:20#member@user:*', 'group:10#member@user:bob'],
      { 'list subjects group:0#member@user:': 179 },
    ],
    ['permissions', chain, { 'permissions group:0#x@user:ann': 43 }],
    [
      'trees and explanations',
      tree,
      {
        'expand folder:20#viewer@x:x': 1,
        'explain folder:20#viewer@user:ann': 81,
        'explain folder:20#viewer@user:bob': 81,
      },
    ],
    [
      'explanations of groups that are all members of each other',
      dense('member'),
      { 'expand group:0#member@x:x': 20, 'explain group:0#member@user:ann': 1391 },
    ],
    [
      'explanations of exclusions',
      trusted,
      { 'explain group:0#trusted@user:ann': 122, 'explain group:0#trusted@user:bob': 81 },
    ],
  ])('in %s', (_, relationships, expected) => {
    const questions = Object.keys(expected)
    const found = costs(relationships, ...questions.map((text) => text.trimStart()))
    expect(Object.fromEntries(questions.map((text, index) => [text, found[index]]))).toEqual(expected)
  })
})

describe('6.8 how many steps a list of subjects takes, of 256 relationships or of one subject', () => {
  const many = (write: (index: number) => string): string[] => Array.from({ length: 600 }, (_, index) => write(index))

  it.each<[string, readonly string[], number]>([
    ['direct members', many((index) => `folder:0#viewer@user:u${index}`), 603],
    ['other direct subjects', many((index) => `folder:0#viewer@group:g${index}`), 3],
    ['groups', many((index) => `folder:0#viewer@group:${index}#member`), 603],
    ['folders above', many((index) => `folder:0#parent@folder:${index + 1}`), 603],
  ])('%s', (_, relationships, expected) => {
    expect(stepsOf(relationships)).toBe(expected)
  })
})
