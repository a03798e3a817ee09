import fc from 'fast-check'
import type { Relationship } from '../../../services/rebac/model/relationship.ts'
import { compileSchema } from '../../../services/rebac/schema/compile-schema.ts'
import type { World } from './random-model.ts'

// Worlds that random-model.ts hardly ever makes: few objects, densely linked, with cycles through intersections and
// exclusions.
const RELATIONS = ['r0', 'r1', 'r2', 'r3']
const NODES = ['1', '2', '3', '4']

export const KNOT_OBJECTS = NODES.map((id) => ({ type: 'node', id }))
export const KNOT_RELATIONS: readonly string[] = RELATIONS

const operands = ['[DIRECT]', 'EARLIER', 'r0 from parent', 'r1 from parent', 'r2 from parent', 'r3 from parent']
const operand = fc.constantFrom(...operands)
const shape = fc.oneof(
  fc.constant('[DIRECT]'),
  fc.tuple(operand, operand).map(([a, b]) => `${a} or ${b}`),
  fc.tuple(operand, operand).map(([a, b]) => `${a} but not ${b}`),
  fc.tuple(operand, operand).map(([a, b]) => `${a} and ${b}`),
  fc.tuple(operand, operand, operand).map(([a, b, c]) => `(${a} or ${b}) but not ${c}`),
  fc.tuple(operand, operand, operand).map(([a, b, c]) => `(${a} but not ${b}) or ${c}`),
)

const link = fc.record({
  object: fc.constantFrom(...NODES),
  relation: fc.constantFrom(...RELATIONS, 'parent'),
  subject: fc.constantFrom(...NODES),
  userset: fc.constantFrom(...RELATIONS),
  user: fc.constantFrom('', '', '', 'ann', '*'),
})

/** Random knots. There are neither conditions nor errors, so that every answer is determined. */
export const knots: fc.Arbitrary<World> = fc
  .record({
    shapes: fc.tuple(shape, shape, shape, shape),
    links: fc.array(link, { minLength: 4, maxLength: 18, size: 'max' }),
  })
  .map(({ shapes, links }): World | null => {
    const relations = shapes.map((text, at) => {
      let direct = text
        .replace('[DIRECT]', '[user, user:*, node#r0, node#r1, node#r2, node#r3]')
        .replaceAll('[DIRECT]', 'base')
      // The grammar takes direct types at the start of a rewrite only.
      if (/^\(?[^[]*\[user,/.test(direct) && !/^\(?\[user,/.test(direct)) direct = text.replaceAll('[DIRECT]', 'base')
      return `    define r${at}: ${direct.replaceAll('EARLIER', at === 0 ? 'base' : `r${at - 1}`)}`
    })
    const model = `model
  schema 1.1
type user
type node
  relations
    define parent: [node]
    define base: [user, user:*, node#r0, node#r1, node#r2, node#r3]
${relations.join('\n')}
`
    const source = { format: 'dsl' as const, model, hierarchies: [] }
    try {
      const schema = compileSchema(source, 'knot')
      const stored = new Map<string, Relationship>()
      for (const [index, one] of links.entries()) addLink(stored, one, index)
      return { schema, source, stored: [...stored.values()], contextual: [], context: {}, now: 0 }
    } catch {
      return null
    }
  })
  .filter((world) => world !== null)

type Link = typeof link extends fc.Arbitrary<infer T> ? T : never

function addLink(
  stored: Map<string, Relationship>,
  { object, relation, subject, userset, user }: Link,
  index: number,
): void {
  const toParent = relation === 'parent'
  // Where a relation has no direct types, `base` has.
  for (const name of toParent ? ['parent'] : [relation, 'base']) {
    const isUser = user !== '' && !toParent
    const one: Relationship = {
      id: `k${index}${name}`,
      objectType: 'node',
      objectId: object,
      relation: name,
      subjectTenant: '',
      subjectType: isUser ? 'user' : 'node',
      subjectId: isUser ? user : subject,
      subjectRelation: isUser || toParent ? '' : userset,
      conditionName: '',
      conditionContext: null,
      expiresAt: null,
      createdAt: 1,
      attributes: null,
    }
    stored.set([object, name, one.subjectId, one.subjectRelation].join('|'), one)
  }
}
