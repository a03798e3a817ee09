import { expect, it } from 'vitest'
import { DirectRelation } from '../../../services/rebac/engine/direct-relation.ts'
import { Kinds } from '../../../services/rebac/graph/kinds.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import type { DirectType } from '../../../services/rebac/schema/schema.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
condition known(x: int) {
  x > 0
}
`
const schema = compileSchema({ format: 'dsl', model: MODEL, hierarchies: [] }, 'v')
const MEMBER = 7
const names: Readonly<Record<number, string>> = { 0: '', [MEMBER]: 'member' }
const kinds = new Kinds()
const user = kinds.intern('user', '', false)
const everyUser = kinds.intern('user', '', true)
const group = kinds.intern('group', '', false)

const relationOf = (types: readonly DirectType[] | 'any') =>
  new DirectRelation(schema, 1, types, null, (number) => names[number] ?? 'other')

it('2.2, 2.8 accepts any subject where the schema does, but no condition that it does not have', () => {
  const any = relationOf('any')
  for (const [kind, relation] of [
    [user, 0],
    [everyUser, 0],
    [group, MEMBER],
  ] as const) {
    expect(any.accepts(kind, relation, '')).toBe(true)
    expect(any.accepts(kind, relation, 'known')).toBe(true)
    expect(any.accepts(kind, relation, 'unknown')).toBe(false)
  }
})

it('2.2, 2.8 accepts what the schema lists: type, form, relation and condition, whenever it is asked', () => {
  const types: readonly DirectType[] = [
    { type: 'user', form: 'object', relation: '', condition: '' },
    { type: 'user', form: 'wildcard', relation: '', condition: 'known' },
    { type: 'group', form: 'userset', relation: 'member', condition: '' },
    { type: 'group', form: 'userset', relation: 'member', condition: 'known' },
  ]
  const some = relationOf(types)
  for (let time = 0; time < 2; time++) {
    expect(some.accepts(user, 0, '')).toBe(true)
    expect(some.accepts(user, 0, 'known')).toBe(false)
    expect(some.accepts(user, MEMBER, '')).toBe(false)
    expect(some.accepts(everyUser, 0, '')).toBe(false)
    expect(some.accepts(everyUser, 0, 'known')).toBe(true)
    expect(some.accepts(group, 0, '')).toBe(false)
    expect(some.accepts(group, MEMBER, '')).toBe(true)
    expect(some.accepts(group, MEMBER, 'known')).toBe(true)
    expect(some.accepts(group, MEMBER, 'unknown')).toBe(false)
    expect(some.accepts(group, 8, '')).toBe(false)
  }
})
