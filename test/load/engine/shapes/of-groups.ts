import { defaultSchema } from '../../../../services/rebac/schema/default-schema.ts'
import { relationship } from '../relationship.ts'
import { range, type Shape, type ShapeQuestion } from './shape.ts'

/** A user is in many groups; one file is given to one of them, another to as many groups of others. */
export const groupsOfAUser: Shape = {
  size: 1_000,
  make: (size) => ({
    schema: defaultSchema(),
    relationships: [
      ...range(size).flatMap((index) => [
        relationship(`group:own${index}`, 'member', 'user:asker'),
        relationship(`group:other${index}`, 'member', `user:other${index}`),
        relationship('file:/others', 'direct_viewer', `group:other${index}#member`),
      ]),
      relationship('file:/own', 'direct_viewer', `group:own${size - 1}#member`),
    ],
    questions: [may('/own', 'asker', true), may('/others', 'asker', false)],
    controls: [may('/others', `other${size - 1}`, true), may('/own', 'other0', false)],
  }),
}

/** A file is given to a group of many. */
export const membersOfAGroup: Shape = {
  size: 10_000,
  make: (size) => ({
    schema: defaultSchema(),
    relationships: [
      ...range(size).map((index) => relationship('group:all', 'member', `user:member${index}`)),
      relationship('group:other', 'member', 'user:outsider'),
      relationship('file:/shared', 'direct_viewer', 'group:all#member'),
    ],
    questions: [
      may('/shared', 'member0', true),
      may('/shared', `member${size - 1}`, true),
      may('/shared', 'outsider', false),
    ],
    controls: [],
  }),
}

/** Each group is a member of the next; a file is given to the last. */
export const nestedGroups: Shape = {
  size: 50,
  make: (size) => ({
    schema: defaultSchema(),
    relationships: [
      relationship('group:level0', 'member', 'user:insider'),
      ...range(size - 1).map((level) =>
        relationship(`group:level${level + 1}`, 'member', `group:level${level}#member`),
      ),
      relationship('group:other', 'member', 'user:outsider'),
      relationship('file:/shared', 'direct_viewer', `group:level${size - 1}#member`),
    ],
    questions: [may('/shared', 'insider', true), may('/shared', 'outsider', false)],
    controls: [],
  }),
}

/** A file lies deep below the folder that was shared; the names on the way occur in no relationship. */
export const folderLevels: Shape = {
  size: 12,
  make: (size) => {
    const path = range(size).map((level) => `level${level}`)
    const file = `/${['shared', ...path].join('/')}`
    return {
      schema: defaultSchema(),
      relationships: [
        relationship('file:/shared', 'direct_viewer', 'user:insider'),
        relationship('file:/other', 'direct_viewer', 'user:outsider'),
      ],
      questions: [may(file, 'insider', true), may(file, 'outsider', false)],
      controls: [],
    }
  },
}

function may(objectId: string, user: string, allowed: boolean): ShapeQuestion {
  return { objectType: 'file', objectId, relation: 'read', user, allowed }
}
