import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import { ReachableSubjects } from '../../../services/rebac/schema/reachable-subjects.ts'
import type { Hierarchy, SchemaFormat } from '../../../services/rebac/schema/schema.ts'

function reach(model: string, hierarchies: Hierarchy[] = [], format: SchemaFormat = 'dsl') {
  const reachable = new ReachableSubjects(compileSchema({ format, model, hierarchies }, 'v'))
  return (type: string, relation: string) => {
    const { subjects, any } = reachable.of(type, relation)
    const texts = subjects.map(
      (one) => `${one.type}${one.wildcard ? ':*' : ''}${one.relation === '' ? '' : `#${one.relation}`}`,
    )
    return [...(any ? ['any'] : []), ...texts].join(' ')
  }
}

const dsl = (...lines: string[]) => ['model', '  schema 1.1', ...lines].join('\n')

describe('who can reach a relation', () => {
  it('follows usersets, wildcards and computed relations, each userset being a member of itself', () => {
    const of = reach(
      dsl('type user', 'type bot', 'type group', '  relations', '    define member: [user, group#member]')
        .concat('\ntype doc\n  relations\n    define owner: [user, group#member]')
        .concat('\n    define viewer: [bot:*] or owner'),
    )
    expect(of('group', 'member')).toBe('group#member user')
    expect(of('doc', 'owner')).toBe('group#member user')
    expect(of('doc', 'viewer')).toBe('bot bot:* doc#owner group#member user')
  })

  it('follows plain parents only, also those that are derived from ids', () => {
    const model = dsl('type user', 'type root', '  relations', '    define admin: [user]', 'type folder', '  relations')
      .concat('\n    define parent: [folder]\n    define top: [root]')
      .concat('\n    define admin: admin from parent or admin from top')
    const expected = 'folder#admin root#admin user'
    expect(reach(model)('folder', 'admin')).toBe(expected)
    expect(reach(model, [{ type: 'folder', relation: 'parent', separator: '/' }])('folder', 'admin')).toBe(expected)
  })

  it('wants every branch of an intersection, and the base of an exclusion', () => {
    const of = reach(
      dsl(
        'type user',
        'type bot',
        'type doc',
        '  relations',
        '    define a: [user, bot]',
        '    define b: [user, user:*]',
      ).concat('\n    define both: a and b\n    define rest: a but not b'),
    )
    expect(of('doc', 'both')).toBe('user')
    expect(of('doc', 'rest')).toBe('bot doc#a user')
  })

  it('reaches from anything in open schemas, except where nothing leads', () => {
    const of = reach('{"doc": {"relations": {"a": {}}, "permissions": {"read": ["a"], "never": []}}}', [], 'namespaces')
    expect(of('doc', 'read')).toMatch(/^any /)
    expect(of('doc', 'never')).toBe('')
    expect(of('doc', 'undeclared')).toBe('')
  })

  it('does not depend on the order in which types and relations are declared', () => {
    const types = [
      'type user',
      'type g0\n  relations\n    define m: [user, g1#m]',
      'type g1\n  relations\n    define m: [g2#m]\n    define x: m and y\n    define y: [g0#m, g2#m]',
      'type g2\n  relations\n    define m: [g0#m, user:*]',
    ]
    const answers = (order: readonly string[]) => {
      const of = reach(dsl(...order))
      return [of('g0', 'm'), of('g1', 'm'), of('g1', 'x'), of('g2', 'm')]
    }
    const first = answers(types)
    expect(first[2]).toBe('g0#m g1#m g2#m user user:*')
    fc.assert(
      fc.property(fc.shuffledSubarray(types, { minLength: types.length }), (order) => {
        expect(answers(order)).toEqual(first)
      }),
    )
  })
})
