import { expect, it } from 'vitest'
import { Evaluation } from '../../../services/rebac/engine/evaluation.ts'
import type { Reach } from '../../../services/rebac/engine/reach.ts'
import { readSubject } from '../../support/naive/case-file.ts'
import { graphOf, options, schema } from './support/long-graphs.ts'

const SUBJECTS = ['user:ann', 'user:bob', 'node:ann', 'node:ann#member', 'other/user:ann']

it('6.5 a request has one memo for each subject, however often and in which order it asks', () => {
  const evaluation = new Evaluation(schema, graphOf(['node:ann#member@user:ann']), options)
  const first = new Map<string, Reach>()
  for (const text of [...SUBJECTS, ...SUBJECTS.toReversed(), 'user:ann', 'user:ann', 'user:bob', 'user:ann']) {
    const reach = evaluation.listReach(readSubject(text))
    expect(reach, text).toBe(first.get(text) ?? reach)
    first.set(text, reach)
  }
  expect(new Set(first.values()).size).toBe(SUBJECTS.length)
})
