import { expect, it } from 'vitest'
import { Evaluation } from '../../../services/rebac/engine/evaluation.ts'
import { FALSE, TRUE } from '../../../services/rebac/engine/values.ts'
import { readQuestion } from '../../support/naive/case-file.ts'
import { graphOf, options, schema } from './support/long-graphs.ts'

function check(text: string) {
  const { objectType, objectId, relation, subject } = readQuestion(text)
  return new Evaluation(schema, graphOf(['node:1#member@user:ann']), options).check(
    objectType,
    objectId,
    relation,
    subject,
  )
}

it('2.3 a userset is a member of itself, even of what the schema does not have', () => {
  const ALLOWED = { value: TRUE, error: null }
  const DENIED = { value: FALSE, error: null }
  expect(check('node:1#gone@node:1#gone')).toEqual(ALLOWED)
  expect(check('ghost:1#gone@ghost:1#gone')).toEqual(ALLOWED)
  expect(check('ghost:1#member@ghost:1#member')).toEqual(ALLOWED)
  expect(check('node:1#gone@user:1#gone')).toEqual(DENIED)
  expect(check('node:1#gone@node:2#gone')).toEqual(DENIED)
  expect(check('node:1#gone@other/node:1#gone')).toEqual(DENIED)
  expect(check('node:1#gone@node:1#member')).toEqual(DENIED)
  expect(check('user:1#member@user:ann')).toEqual(DENIED)
  expect(check('node:1#member@user:ann')).toEqual(ALLOWED)
  expect(check('node:1#member@user:bob')).toEqual(DENIED)
})
