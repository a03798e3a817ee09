import { compileSchema } from '../../../../services/rebac/schema/compile-schema.ts'
import { relationship } from '../relationship.ts'
import { range, type Shape, type ShapeQuestion } from './shape.ts'

const MODEL = `model
  schema 1.1
type user
type group
  relations
    define member: [user]
type folder
  relations
    define viewer: [user]
type document
  relations
    define parent: [folder]
    define blocked: [user, group#member]
    define viewer: viewer from parent
    define reader: [user, group#member] but not blocked
`

/**
 * A document has many parents, and the asker is a viewer of as many folders, none of which is one of them: no side has a
 * short list to start from.
 */
export const parentsOfWhichNoneGrants: Shape = {
  size: 5_000,
  make: (size) => ({
    schema: schema(),
    relationships: range(size).flatMap((index) => [
      relationship('document:plan', 'parent', `folder:parent${index}`),
      relationship(`folder:parent${index}`, 'viewer', `user:viewer${index}`),
      relationship(`folder:elsewhere${index}`, 'viewer', 'user:asker'),
    ]),
    questions: [may('plan', 'viewer', 'asker', false)],
    controls: [may('plan', 'viewer', `viewer${size - 1}`, true)],
  }),
}

/** A document is given to a group of many, and as many are blocked. */
export const butNotOver: Shape = {
  size: 10_000,
  make: (size) => ({
    schema: schema(),
    relationships: [
      ...range(size).flatMap((index) => [
        relationship('group:all', 'member', `user:reader${index}`),
        relationship('group:all', 'member', `user:blocked${index}`),
        relationship('document:plan', 'blocked', `user:blocked${index}`),
      ]),
      relationship('document:plan', 'reader', 'group:all#member'),
    ],
    questions: [
      may('plan', 'reader', `reader${size - 1}`, true),
      may('plan', 'reader', `blocked${size - 1}`, false),
      may('plan', 'reader', 'outsider', false),
    ],
    controls: [],
  }),
}

function schema() {
  return compileSchema({ format: 'dsl', hierarchies: [], model: MODEL }, 'shapes')
}

function may(objectId: string, relation: string, user: string, allowed: boolean): ShapeQuestion {
  return { objectType: 'document', objectId, relation, user, allowed }
}
