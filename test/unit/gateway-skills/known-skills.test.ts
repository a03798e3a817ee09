import { describe, expect, it } from 'vitest'
import { KnownSkills } from '../../../gateway/skills/known-skills.ts'
import { skillsAndMarks, skillsBelow } from '../../../gateway/skills/skill-rows.ts'
import type { Batch, Row, Script, Statement } from '../../../services/common/sql/script.ts'

const PATH = '/tenant:t/skill/a/SKILL.md'
const row = (fields: Row = {}): Row => ({
  tree: 't',
  node_id: 'n',
  path: PATH,
  name: 'a',
  description: 'First',
  version: null,
  author: null,
  requires: '[]',
  skill_created_at: null,
  skill_modified_at: null,
  warnings: '[]',
  error: null,
  changed_seq: 1,
  ...fields,
})
const roots = [{ tree: 't', path: '/', deep: true }]

/** Runs a script with the answers to its questions, in order; each question must have one. */
function run<T>(script: Script<T>, ...answers: readonly (readonly Row[])[]): T {
  const left = [...answers]
  const answer = (): readonly Row[] => {
    const next = left.shift()
    if (next === undefined) throw new Error('one question too many')
    return next
  }
  const rows = (asked: Statement | Batch) => ('batch' in asked ? asked.batch.map(answer) : answer())
  let step = script.next()
  while (step.done !== true) step = script.next(rows(step.value))
  expect(left).toEqual([])
  return step.value
}

describe('skills that are known', () => {
  it('are read once, and again when their row was written, moved or is of another tree', () => {
    const known = new KnownSkills()
    const look = (...answers: readonly (readonly Row[])[]) => run(skillsBelow(known, roots), ...answers)
    const first = look([row()], [], [row()])
    expect(first).toMatchObject([{ path: PATH, tier: 'tenant', description: 'First', changedSeq: 1 }])
    expect(look([row()], [])[0]).toBe(first[0])

    const changes: readonly Row[] = [
      { changed_seq: 2, description: 'Second' },
      { path: '/tenant:t/user:u/skill/a/SKILL.md' },
      { tree: 'other' },
    ]
    for (const fields of changes) {
      const now = row(fields)
      const { tree, path, description } = now
      expect(look([now], [], [now])).toMatchObject([{ tree, path, description }])
    }
    expect(look([], [])).toEqual([])
  })

  it('are looked for anew when one changed, or went, between the two looks', () => {
    const known = new KnownSkills()
    const changed = row({ changed_seq: 2, description: 'Second' })
    const marks = [{ last_move_seq: 7, skills_seq: 2 }]
    const found = run(skillsAndMarks(known, roots, 't'), [row()], [], [changed], [changed], marks)
    expect(found).toMatchObject({ skills: [{ description: 'Second' }], marks: { lastMove: 7, skillsSeq: 2 } })
    const gone = row({ node_id: 'm' })
    expect(run(skillsBelow(known, roots), [changed, gone], [], [], [changed], [])).toHaveLength(1)
  })
})
