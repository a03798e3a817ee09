import type { Scope } from './compare-verbs.ts'
import { KNOT_OBJECTS, KNOT_RELATIONS } from './random-knots.ts'
import { ALL_RELATIONS, OBJECTS, SUBJECTS } from './random-model.ts'

/** What is asked of a random world. */
export const WORLD_SCOPE: Scope = {
  objects: OBJECTS,
  relations: () => ALL_RELATIONS,
  subjects: SUBJECTS,
  filters: [
    ['user', ''],
    ['dir', ''],
    ['group', 'r0'],
    ['dir', 'r1'],
    ['doc', 'r2'],
  ],
}

/** What is asked of a random knot. */
export const KNOT_SCOPE: Scope = {
  objects: KNOT_OBJECTS,
  relations: () => KNOT_RELATIONS,
  subjects: [
    { tenant: '', type: 'user', id: 'ann', relation: '' },
    { tenant: '', type: 'user', id: 'nobody', relation: '' },
    { tenant: '', type: 'node', id: '1', relation: 'r0' },
  ],
  filters: [
    ['user', ''],
    ['node', 'r1'],
  ],
}
