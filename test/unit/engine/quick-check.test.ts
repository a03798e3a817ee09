import { describe, expect, it } from 'vitest'
import { prepareGraph } from '../../../services/rebac/engine/plan-cache.ts'
import { MAX_STEPS } from '../../../services/rebac/engine/quick-check.ts'
import { FALSE, TRUE } from '../../../services/rebac/engine/values.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { defaultSchema } from '../../../services/rebac/schema/default-schema.ts'
import type { Schema } from '../../../services/rebac/schema/schema.ts'
import { readQuestion } from '../../support/naive/case-file.ts'
import { graphOf } from './support/long-graphs.ts'

function modelOf(separator: string): Schema {
  const model = `model
  schema 1.1
type user
type group
  relations
    define member: [user, user:*, user with c, group#member]
type folder
  relations
    define parent: [folder, user]
    define viewer: [user, group#member] or viewer from parent
    define banned: [user]
    define reader: viewer but not banned
type dir
  relations
    define up: [dir]
    define owner: [user] or owner from up
    define once: [user] or owner from up
    define twice: [user] or once from up
    define only: [user]
    define kept: owner but not only
condition c(x: int) {
  x > 0
}
`
  return compileSchema({ format: 'dsl', hierarchies: [{ type: 'dir', relation: 'up', separator }], model }, 'quick')
}

const schema = modelOf('/')
const names = new Map<number, string>([
  [TRUE, 'true'],
  [FALSE, 'false'],
])

/** Puts questions to one quick check, one after another. */
function asker(relationships: readonly string[], on = schema) {
  const graph = graphOf(relationships)
  const { quick } = prepareGraph(on, graph)
  return (text: string, maxSteps = MAX_STEPS): string => {
    const { objectType, objectId, relation, subject } = readQuestion(text)
    const value = quick.check(graph, objectType, objectId, relation, subject, { now: 5, maxSteps })
    return names.get(value) ?? 'undecided'
  }
}

/** The fewest steps with which a question is decided. */
function stepsFor(ask: ReturnType<typeof asker>, text: string): number {
  for (let steps = 1; ; steps++) if (ask(text, steps) !== 'undecided') return steps
}

describe('6.1 a quick question', () => {
  const ask = asker([
    'group:g#member@user:ann',
    'group:public#member@user:*',
    'group:cond#member@user:ann [c]',
    'group:old#member@user:ann expires 1970-01-01T00:00:00.005Z',
    'group:new#member@user:ann expires 1970-01-01T00:00:00.006Z',
    'group:both#member@user:ann [c] expires 1970-01-01T00:00:00.005Z',
    'group:outer#member@group:g#member',
    'folder:1#viewer@group:outer#member',
    'folder:2#parent@folder:1',
    'folder:3#parent@folder:2 expires 1970-01-01T00:00:00.001Z',
  ])

  it('is decided by the relationships that grant', () => {
    const questions = ['group:g#member', 'group:outer#member', 'folder:1#viewer', 'folder:2#viewer', 'folder:3#viewer']
    expect(questions.map((text) => ask(`${text}@user:ann`))).toEqual(['true', 'true', 'true', 'true', 'false'])
    expect(questions.map((text) => ask(`${text}@user:bob`))).toEqual(['false', 'false', 'false', 'false', 'false'])
    expect(['user:ann', 'user:bob', 'other/user:ann'].map((who) => ask(`group:public#member@${who}`))).toEqual([
      'true',
      'true',
      'false',
    ])
    expect([ask('group:gone#member@user:ann'), ask('group:g#member@ghost:1')]).toEqual(['false', 'false'])
  })

  it('is left open by a condition, not by what has expired', () => {
    const groups = ['cond', 'old', 'new', 'both', 'g']
    expect(groups.map((group) => ask(`group:${group}#member@user:ann`))).toEqual([
      'undecided',
      'false',
      'true',
      'false',
      'true',
    ])
    expect(groups.map((group) => ask(`group:${group}#member@user:bob`))).toEqual(Array(5).fill('false'))
  })

  it('is about a plain subject and a relation that are there, whatever was asked before', () => {
    for (const open of ['group:g#gone@user:ann', 'ghost:g#member@user:ann', 'group:g#member@group:g#member']) {
      expect([ask('group:g#member@user:ann'), ask(open), ask(open)]).toEqual(['true', 'undecided', 'undecided'])
    }
    expect(ask('group:public#member@user:*')).toBe('undecided')
    expect(ask('group:public#viewer@user:ann')).toBe('undecided')
    expect(ask('folder:1#viewer@user:ann')).toBe('true')
    expect(ask('folder:1#banned@user:ann')).toBe('false')
    expect(ask('group:1#banned@user:ann')).toBe('undecided')
  })

  it('is left open by intersections and exclusions, unless something else grants', () => {
    expect(ask('folder:1#reader@user:ann')).toBe('undecided')
    expect(ask('folder:9#reader@user:ann')).toBe('undecided')
    expect(ask('group:g#member@user:bob')).toBe('false')
  })
})

describe('6.1 a quick question about what no relationship names', () => {
  const stored = ['dir:/a#owner@user:ann', 'dir:/a#only@user:ann', 'dir:/b#up@dir:/c']
  const decide = (separator: string, ...questions: string[]): string[] => {
    const ask = asker(
      stored.map((text) => text.replaceAll('/', separator)),
      modelOf(separator),
    )
    return questions.map((text) => ask(text.replaceAll('/', separator)))
  }

  it('is decided by the nearest above, where all of these pass on the same', () => {
    expect(decide('/', 'dir:/a/x/y#owner@user:ann', 'dir:/a/x/y#owner@user:bob', 'dir:/x/y#owner@user:ann')).toEqual([
      'true',
      'false',
      'false',
    ])
    expect(decide('/', 'dir:/a/x#once@user:ann', 'dir:/a/x#once@user:bob')).toEqual(['true', 'false'])
    expect(decide('/', 'dir:/a/x#only@user:ann', 'dir:/a#only@user:ann')).toEqual(['false', 'true'])
  })

  it('is left open where they do not, or an operator or the derived parent itself has a say', () => {
    expect(decide('/', 'dir:/a/x#twice@user:ann', 'dir:/a/x#kept@user:ann')).toEqual(['undecided', 'undecided'])
    expect(decide('/', 'dir:/a/x#up@user:ann', 'dir:/b#up@user:ann')).toEqual(['undecided', 'undecided'])
  })

  it('is left open where separators are odd, but not about what is named', () => {
    for (const separator of ['é', '→', '😀']) {
      expect(decide(separator, 'dir:/a/x#owner@user:ann', 'dir:/x#owner@user:bob')).toEqual(['undecided', 'undecided'])
      expect(decide(separator, 'dir:/a#owner@user:ann', 'dir:/a#only@user:bob')).toEqual(['true', 'false'])
    }
    expect(decide('~', 'dir:/a/x#owner@user:ann', 'dir:/x#owner@user:bob')).toEqual(['true', 'false'])
  })

  it('is decided in the built-in schema', () => {
    const ask = asker(['file:/a#direct_viewer@user:ann'], defaultSchema())
    expect([ask('file:/a/b/c#read@user:ann'), ask('file:/a/b#read@user:bob'), ask('file:/x#read@user:ann')]).toEqual([
      'true',
      'false',
      'false',
    ])
  })
})

describe('6.1 a quick question takes few steps', () => {
  const group = (one: number | string, other: number | string): string => `group:${one}#member@group:${other}#member`

  it('one for each object and relationship that it looks at, each once', () => {
    const ask = asker([group(1, 2), group(2, 3), group(3, 1), 'group:3#member@user:ann'])
    expect(stepsFor(ask, 'group:3#member@user:ann')).toBe(1)
    expect(stepsFor(ask, 'group:1#member@user:ann')).toBe(5)
    expect(stepsFor(ask, 'group:1#member@user:bob')).toBe(6)
    const follow = asker(['folder:1#parent@user:x', 'folder:1#parent@folder:2', 'folder:1#parent@folder:3'])
    expect(stepsFor(follow, 'folder:1#viewer@user:ann')).toBe(4)
  })

  it('or is left open: beyond the steps that it may take, and beyond 64 objects', () => {
    const many = (count: number): string[] =>
      Array.from({ length: count }, (_, index) => [group('all', index), `group:${index}#member@user:u`]).flat()
    expect(asker(many(63))('group:all#member@user:ann')).toBe('false')
    expect(asker(many(64))('group:all#member@user:ann')).toBe('undecided')
    expect(asker(many(64))('group:all#member@user:u')).toBe('true')
    expect(asker(many(63))('group:all#member@user:ann', 126)).toBe('undecided')
    expect(asker(many(63))('group:all#member@user:ann', 127)).toBe('false')
  })
})
